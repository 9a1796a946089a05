import { describe, expect, it } from 'vitest';
import { type HelmVersion, helmVersions } from '../helm/binaries.ts';
import { type Block, blocksOf, fileNameOf, nameOf } from './markdown.ts';
import { readPage } from './pages.ts';
import { type Terminal, differencesOf, openTerminal } from './terminal.ts';

/** Pages whose commands run as written, in one terminal each. */
const pages: Readonly<Record<string, readonly string[]>> = {
  'the README and the troubleshooting guide': [
    'docs/chart/README.md',
    'docs/chart/TROUBLESHOOTING.md',
    'docs/chart/SECURITY.md',
  ],
  "the product's README": ['test/readme/product-readme.md'],
  "the repository's README": ['README.md'],
};

function blocks(paths: readonly string[]): readonly Block[] {
  return paths.flatMap((path) => blocksOf(readPage(path)));
}

/** With the values blocks that are files of their own. */
function openPage(version: HelmVersion, all: readonly Block[]): Terminal {
  const terminal = openTerminal(version, { checkKubectl: version === '4.1' });
  for (const block of all) {
    const name = fileNameOf(block);
    if (name !== undefined) terminal.write(name, `${block.text}\n`);
  }
  return terminal;
}

describe.each(helmVersions)('on Helm %s', (version) => {
  describe.each(Object.entries(pages))('every command of %s', (_, paths) => {
    const all = blocks(paths);
    const terminal = openPage(version, all);
    // Without Helm a block does the same on every version, but it may set variables for others.
    const scripts = all.filter(({ language, text }) => {
      return language === 'bash' && (version === '4.1' || /^(helm|export) /m.test(text));
    });

    it.each(scripts.map((block) => [nameOf(block), block] as const))('works as written: %s', (_name, block) => {
      const run = terminal.run(block.text);
      expect(run.stderr.replaceAll(/^WARNING: .*\n/gm, '')).toBe('');
      expect(run.ok).toBe(true);
      const withHooks = !block.text.includes('--no-hooks');
      expect(run.renderings.flatMap((rendering) => differencesOf(rendering, withHooks))).toEqual([]);
      expect(run.renderings).toHaveLength(run.calls.filter(isRendering).length);
    });
  });
});

/** Everything but kagent's own chart. */
function isRendering([command, verb, ...others]: readonly string[]): boolean {
  const renders = command === 'helm' && ['install', 'upgrade', 'template'].includes(verb ?? '');
  return renders && !others.includes('oci://ghcr.io/kagent-dev/kagent/helm/kagent');
}
