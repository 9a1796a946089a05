import { expect, test } from 'vitest';
import { launchBrowser, MISSING_BROWSER, openPage } from '../fixtures/browser.ts';
import { pause, register, TestNode } from '../fixtures/node.ts';
import { connectPeer } from '../fixtures/relayer-peer.ts';
import { makeSpans } from '../fixtures/spans.ts';
import { describeWith } from '../fixtures/tiers.ts';

describeWith(MISSING_BROWSER, 'leafing through traces faster than they can be read', () => {
  test('ends with the last one shown', async () => {
    const node = await new TestNode().start();
    const peer = await connectPeer(node.url, (await register(node.url)).body);
    await peer.send(makeSpans(Array.from({ length: 40 }, (_, i) => ({ name: `step-${i}`, startMs: Date.now() + i }))));
    const { database } = node.backend;
    const query = database.query.bind(database);
    const slowQuery: typeof database.query = async (...args) => pause(300).then(() => query(...args)) as never;
    Object.assign(database, { query: slowQuery });
    const browser = await launchBrowser();
    try {
      const { page, problems } = await openPage(browser, node.url);
      const list = page.getByRole('listbox', { name: 'Traces' });
      await list.getByRole('option').first().click();
      await page.evaluate(`for (let i = 0; i < 30; i++) setTimeout(() => document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true })), i * 2)`);
      // The first row is the newest one.
      await page.getByRole('listbox', { name: 'Spans' }).getByText('step-9').waitFor({ timeout: 15_000 });
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
      peer.close();
      await node.stop();
    }
  });
});
