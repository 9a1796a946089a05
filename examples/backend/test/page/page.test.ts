import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, MISSING_BROWSER, openPage } from '../fixtures/browser.ts';
import { register, TestNode, TOKENS, type Credentials } from '../fixtures/node.ts';
import { connectPeer, type RelayerPeer } from '../fixtures/relayer-peer.ts';
import { makeLogs, makeSpans } from '../fixtures/spans.ts';
import { describeWith } from '../fixtures/tiers.ts';

describeWith(MISSING_BROWSER, 'the page in Chromium', () => {
  let node: TestNode;
  let browser: Browser;
  let cluster: Credentials;
  let peer: RelayerPeer;
  let page: Page;
  let problems: string[] = [];

  beforeAll(async () => {
    node = await new TestNode().start();
    cluster = (await register(node.url, { name: 'page-cluster' })).body;
    peer = await connectPeer(node.url, cluster, { instance: 'relayer-abc' });
    browser = await launchBrowser();
    ({ page, problems } = await openPage(browser, node.url));
  });
  afterAll(async () => {
    await browser?.close();
    peer?.close();
    await node?.stop();
  });
  afterEach(() => expect(problems).toEqual([]));

  /** A trace with an agent, a model and a tool that failed. */
  async function sendTrace(agent: string, prompt: string, completion = 'fine'): Promise<string> {
    const traceId = randomBytes(16).toString('hex');
    const [root, llm] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
    const startMs = Date.now() - 2_000;
    const tokens = { 'gen_ai.usage.input_tokens': 1_200, 'gen_ai.usage.output_tokens': 34 };
    const spans = makeSpans([
      { traceId, spanId: root, name: `invoke_agent ${agent}`, startMs, durationMs: 2_000 },
      {
        traceId,
        spanId: llm,
        parentSpanId: root,
        name: 'call_llm',
        agent,
        startMs: startMs + 100,
        durationMs: 900,
        attributes: {
          'gen_ai.request.model': 'model-x',
          'gen_ai.prompt': prompt,
          'gen_ai.completion': completion,
          ...tokens,
        },
      },
      {
        traceId,
        parentSpanId: root,
        name: 'execute_tool scale',
        agent,
        startMs: startMs + 1_100,
        durationMs: 600,
        attributes: { 'gen_ai.tool.name': 'scale' },
        failed: true,
      },
    ]);
    expect(await peer.send(spans)).toMatchObject({ status: 'acknowledged' });
    expect(await peer.send(makeLogs([{ body: `log of ${agent}`, traceId, spanId: llm }]), 'logs')).toMatchObject({
      status: 'acknowledged',
    });
    return traceId;
  }

  const traces = (): ReturnType<Page['locator']> => page.locator('[role=listbox][aria-label=Traces] [role=option]');
  const spans = (): ReturnType<Page['locator']> => page.locator('[role=listbox][aria-label=Spans] [role=option]');

  test('the token is taken out of the address', async () => {
    await page.getByText('live', { exact: true }).waitFor();
    expect(page.url()).not.toContain(TOKENS.access);
  });

  test('a wrong token is refused with a way to give another', async () => {
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(`${node.url}/#token=wrong`);
    await other.getByText('not accepted').waitFor();
    await other.getByLabel('Access token').fill(TOKENS.access);
    await other.getByRole('button', { name: 'Open' }).click();
    await other.getByText('live', { exact: true }).waitFor();
    await context.close();
  });

  test('live: a trace that arrives is there without a reload, and so are its cluster and agent', async () => {
    await sendTrace('first-agent', 'why is it slow?');
    await traces().filter({ hasText: 'first-agent' }).waitFor({ timeout: 5_000 });
    await page.getByRole('button', { name: /page-cluster.*connected/s }).waitFor();
    await page.getByRole('button', { name: /first-agent/ }).waitFor();
  });

  test('the waterfall: spans as a tree with durations and errors', async () => {
    await traces().filter({ hasText: 'first-agent' }).first().click();
    await spans().nth(2).waitFor();
    expect(await spans().allInnerTexts()).toEqual([
      expect.stringMatching(/invoke_agent first-agent\s+2\.00 s/),
      expect.stringMatching(/call_llm\s+900 ms/),
      expect.stringMatching(/✕ execute_tool scale\s+600 ms/),
    ]);
    const [root, tool] = [
      await spans().nth(0).locator('.bar').boundingBox(),
      await spans().nth(2).locator('.bar').boundingBox(),
    ];
    expect((tool?.width ?? 0) / (root?.width ?? 1)).toBeCloseTo(0.3, 1);
    await page.getByText('it failed').waitFor();
  });

  test('a span: prompt, completion, tokens, and the logs beside it', async () => {
    await spans().nth(1).click();
    const panel = page.getByRole('region', { name: 'Span' });
    await panel.getByText('why is it slow?').waitFor();
    await panel.getByText('1,200 in, 34 out').waitFor();
    await panel.getByRole('definition').filter({ hasText: 'model-x' }).waitFor();
    await page.getByRole('region', { name: 'Logs' }).locator('.of-span', { hasText: 'log of first-agent' }).waitFor();
  });

  test('a prompt longer than one part is loaded on demand, whole', async () => {
    const prompt = `${'wörd 🚢 '.repeat(15_000)}end`;
    await sendTrace('long-agent', prompt);
    await traces().filter({ hasText: 'long-agent' }).first().click();
    await spans().nth(1).click();
    const panel = page.getByRole('region', { name: 'Span' });
    for (let i = 0; i < 3; i++) await panel.getByRole('button', { name: /Show more/ }).click();
    await expect.poll(async () => (await panel.locator('pre').first().textContent()) === prompt).toBe(true);
  });

  test('search finds words of prompts, completions and logs, and the beginning of words', async () => {
    await sendTrace('other-agent', 'the quartermaster sleeps', 'an axolotl answers');
    const search = page.getByRole('searchbox');
    for (const [text, found] of [
      ['quarterm', 'other-agent'],
      ['AXOLOTL answers', 'other-agent'],
      ['log of first', 'first-agent'],
    ] as const) {
      await search.fill(text);
      await expect.poll(() => traces().allInnerTexts(), { timeout: 5_000 }).toEqual([expect.stringContaining(found)]);
    }
    await search.fill(`nothing' has & this | in:* it!`);
    await page.getByText('No trace matches.').waitFor();
    await search.fill('');
    await expect.poll(() => traces().count()).toBeGreaterThanOrEqual(3);
  });

  test('filters: an agent, and errors only', async () => {
    await peer.send(makeSpans([{ name: 'healthy', agent: 'healthy-agent' }]));
    await page.getByRole('button', { name: /healthy-agent/ }).click();
    await expect.poll(() => traces().allInnerTexts()).toEqual([expect.stringContaining('healthy-agent')]);
    await page.getByLabel('errors only').check();
    await page.getByText('No trace matches.').waitFor();
    await page.getByRole('button', { name: /healthy-agent/ }).click();
    await page.getByLabel('errors only').uncheck();
  });

  test('by keyboard alone: search, list, trace, errors only, colours', async () => {
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('/');
    await page.keyboard.type('quartermaster');
    await expect.poll(() => traces().count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('searchbox').inputValue()).toBe('quartermaster');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => traces().first().getAttribute('aria-selected')).toBe('true');
    await spans().nth(2).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Home');
    await expect.poll(() => spans().first().getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('j');
    await expect.poll(() => spans().nth(1).getAttribute('aria-selected')).toBe('true');
    const errors = page.getByLabel('errors only');
    await page.keyboard.press('e');
    expect(await errors.isChecked()).toBe(true);
    await page.keyboard.press('e');
    await page.getByRole('searchbox').fill('');
  });

  test('light and dark: by the browser’s setting, and by hand', async () => {
    const background = (of: Page): Promise<string> => of.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await background(page)).toBe('rgb(246, 247, 249)');
    await page.locator('h1').click();
    await page.keyboard.press('t');
    expect(await background(page)).toBe('rgb(20, 23, 28)');
    await page.keyboard.press('t');
    const dark = await openPage(browser, node.url, 'dark');
    expect(await background(dark.page)).toBe('rgb(20, 23, 28)');
    await dark.page.context().close();
  });

  test('hostile strings are shown as text: no script runs, no element appears', async () => {
    const attack = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
    const traceId = randomBytes(16).toString('hex');
    const span = {
      traceId,
      name: attack,
      agent: attack,
      failed: attack,
      events: [{ name: attack, attributes: { [attack]: attack } }, { name: `bare ${attack}` }],
      links: [{ traceId, attributes: { [attack]: attack } }],
    };
    const values = {
      'gen_ai.prompt': attack,
      'gen_ai.completion': attack,
      'gen_ai.request.model': attack,
      [attack]: attack,
    };
    await peer.send(makeSpans([{ ...span, attributes: values }], attack));
    await peer.send(makeLogs([{ body: attack, traceId }]), 'logs');
    await traces().filter({ hasText: '<img src=x' }).first().click();
    const panel = page.getByRole('region', { name: 'Span' });
    await panel.locator('pre', { hasText: '<img src=x' }).first().waitFor();
    // Two events, a link, attributes and resource: each is opened and shows its values.
    for (const details of await panel.locator('details').all()) await details.locator('summary').click();
    expect(await panel.locator('td:visible', { hasText: '<img src=x' }).count()).toBe(6);
    await panel.getByText(`Event: bare ${attack}`).waitFor();
    await panel.getByText(new RegExp(`^Link: span .* of trace ${traceId}`)).waitFor();
    await panel.locator('.error-box', { hasText: '<img src=x' }).waitFor();
    await page.getByRole('region', { name: 'Logs' }).getByText('<img src=x').waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img, #app script').count()).toBe(0);
  });

  test('the page may load and run nothing but its own files', async () => {
    const { headers } = await fetch(node.url);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).toContain("connect-src 'self';");
  });

  test('SOCKET_PATH moves the page’s own connection too', async () => {
    const moved = await new TestNode({ SOCKET_PATH: '/telemetry/socket.io' }).start();
    const opened = await openPage(browser, moved.url);
    await opened.page.getByText('live', { exact: true }).waitFor();
    expect(opened.problems).toEqual([]);
    await opened.page.context().close();
    await moved.stop();
  });

  test('a node that restarts: the page says so and comes back by itself', async () => {
    const { port } = new URL(node.url);
    await node.backend.stop();
    await page.getByText('connection lost').waitFor({ timeout: 10_000 });
    const again = await new TestNode({ PORT: port }).start();
    await page.getByText('live', { exact: true }).waitFor({ timeout: 15_000 });
    await page.getByText('No trace matches.').waitFor();
    await again.stop();
  });
});
