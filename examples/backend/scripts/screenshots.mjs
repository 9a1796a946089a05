// Takes the pictures of README.md from a running demo: node scripts/screenshots.mjs 'http://localhost:3000/#token=…'
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../docs/images');
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ],
});
for (const colorScheme of ['light', 'dark']) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 860 }, colorScheme });
  const page = await context.newPage();
  await page.goto(process.argv[2]);
  const traces = page.getByRole('listbox', { name: 'Traces' }).getByRole('option');
  await traces.nth(8).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(12_000);
  const wanted =
    colorScheme === 'light' ? traces.filter({ hasNotText: 'errors' }) : traces.filter({ hasText: 'errors' });
  const agent = colorScheme === 'light' ? 'observability_agent' : 'k8s_agent';
  await wanted.filter({ hasText: agent }).first().click();
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: join(folder, `backend-${colorScheme}.png`) });
  await context.close();
}
await browser.close();
