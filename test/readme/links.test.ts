import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf } from './markdown.ts';
import { chart, root } from './pages.ts';

/** Not ours, or as others wrote it. */
const skipped = new Set(['node_modules', '.git', 'dist', 'scratch']);
const copies = ['test/readme/product-readme.md'];

function markdownBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : markdownBelow(path);
    return entry.name.endsWith('.md') && !copies.includes(relative(root, path)) ? [path] : [];
  });
}

/** The pages of docs/chart are read in the chart, beside its other files. */
function folderOf(page: string): string {
  return dirname(page) === join(root, 'docs/chart') ? chart : dirname(page);
}

describe.each(markdownBelow(root).map((page) => [relative(root, page), page] as const))('%s', (_, page) => {
  const text = readFileSync(page, 'utf8');
  const links = linksOf(text).filter((link) => !/^(https?|mailto):/.test(link));

  it('links only to files that exist', () => {
    const targets = links.map((link) => link.split('#')[0] ?? '').filter((path) => path !== '');
    expect(targets.filter((path) => !existsSync(join(folderOf(page), path)))).toEqual([]);
  });

  it('links only to headings that exist', () => {
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      if (anchor === undefined || path.startsWith('http')) return false;
      const target = path === '' ? text : readFileSync(join(folderOf(page), path), 'utf8');
      return !anchorsOf(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

it('outside addresses are those of the product, of Cloudflare and of standards', () => {
  const hosts = markdownBelow(root)
    .flatMap((page) => linksOf(readFileSync(page, 'utf8')))
    .filter((link) => link.startsWith('http'))
    .map((link) => new URL(link).host);
  expect([...new Set(hosts)].toSorted()).toEqual(['github.com', 'kubernetes.io', 'one.dash.cloudflare.com']);
});
