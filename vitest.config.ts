import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // The files share what they import: no test changes a module's state, and loading it for each takes 25 s.
    isolate: false,
  },
});
