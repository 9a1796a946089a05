export interface TarEntry {
  readonly path: string;
  /** Default 0o644. */
  readonly mode?: number;
  readonly content: Uint8Array | 'folder';
}

const blockBytes = 512;

/** A tar archive (ustar) that depends on its entries only: owner root, time 0. Paths are at most 100 bytes long. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = entry.content === 'folder' ? Buffer.alloc(0) : Buffer.from(entry.content);
    return [header(entry, content.length), content, Buffer.alloc(-content.length & (blockBytes - 1))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

function header({ path, mode, content }: TarEntry, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`too long for this tar: ${path}`);
  const isFolder = content === 'folder';
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'ascii');
  };
  block.write(path, 0);
  octal(mode ?? (isFolder ? 0o755 : 0o644), 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write('        ', 148);
  block.write(isFolder ? '5' : '0', 156);
  block.write('ustar\u000000', 257);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}
