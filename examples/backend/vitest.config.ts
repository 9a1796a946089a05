import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/fixtures/build.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Far above what any of it takes: a machine that is busy with other things is no failure.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
export default config;
