/** A fenced block of a Markdown page. */
export interface Block {
  /** What follows the fence, such as `bash`. */
  readonly language: string;
  readonly text: string;
  /** The headings it stands under, outermost first. */
  readonly headings: readonly string[];
  readonly line: number;
}

/** Every fenced block of a page, in its order. */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let headings: string[] = [];
  let open: { language: string; line: number; text: string[] } | undefined;
  markdown.split('\n').forEach((line, index) => {
    const fence = /^```(\S*)\s*$/.exec(line);
    if (open !== undefined) {
      if (fence === null) open.text.push(line);
      else {
        blocks.push({ language: open.language, text: open.text.join('\n'), headings, line: open.line });
        open = undefined;
      }
    } else if (fence !== null) {
      open = { language: fence[1] ?? '', line: index + 1, text: [] };
    } else {
      const heading = /^(#+) (.*)$/.exec(line);
      if (heading !== null) headings = [...headings.slice(0, (heading[1]?.length ?? 1) - 1), heading[2] ?? ''];
    }
  });
  return blocks;
}

/** `Registration, line 310`: the name of a test about a block. */
export function nameOf(block: Block): string {
  return `${block.headings.at(-1)}, line ${block.line}`;
}

/** The file that a block is, by its first line `# name.yaml`. */
export function fileNameOf(block: Block): string | undefined {
  return /^# ([\w-]+\.yaml)\n/i.exec(block.text)?.[1];
}

/** A page without its fenced blocks. */
export function proseOf(markdown: string): string {
  return markdown.replaceAll(/^```.*\n[^]*?^```$/gm, '');
}

/** The targets of all links of a page. */
export function linksOf(markdown: string): readonly string[] {
  return [...proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

/** Every `code span` of a page. */
export function codeSpansOf(markdown: string): readonly string[] {
  return [...proseOf(markdown).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): readonly string[] {
  return proseOf(markdown)
    .split('\n')
    .flatMap((line) => /^#+ (.*)$/.exec(line)?.[1] ?? [])
    .map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    );
}
