import { expect, test } from 'vitest';
import { launchBrowser, MISSING_BROWSER } from '../fixtures/browser.ts';
import { TestNode } from '../fixtures/node.ts';
import { describeWith } from '../fixtures/tiers.ts';

describeWith(MISSING_BROWSER, 'a page with unusual settings', () => {
  test('connects on another socket path, with a token as base64 has them', async () => {
    const token = 'ab+cd/ef+gh/ij==kl%2B';
    const node = await new TestNode({ SOCKET_PATH: '/live', ACCESS_TOKEN: token }).start();
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${node.url}/#token=${encodeURIComponent(token)}`);
      await page.getByText('live', { exact: true }).waitFor({ timeout: 10_000 });
      const plain = await browser.newPage();
      await plain.goto(`${node.url}/#token=ab+cd/ef+gh/ij==kl%252B`);
      await plain.getByText('live', { exact: true }).waitFor({ timeout: 10_000 });
      expect(await plain.evaluate('location.hash')).toBe('');
    } finally {
      await browser.close();
      await node.stop();
    }
  });
});
