/**
 * Stands in for the native module `bufferutil`, which the bundle replaces by this file: WebSocket
 * clients must mask every byte they send, and `ws` by itself does it one byte at a time. Four bytes
 * at a time need no native code, which has no build for every platform of the image.
 */
export function mask(source: Buffer, key: Buffer, output: Buffer, offset: number, length: number): void {
  let i = 0;
  const outputAt = output.byteOffset + offset;
  // Views of 32-bit numbers begin at multiples of 4. Frames are laid out so that both buffers agree.
  if (length >= 8 && (source.byteOffset - outputAt) % 4 === 0) {
    for (; (source.byteOffset + i) % 4 !== 0; i++) output[offset + i] = (source[i] as number) ^ (key[i & 3] as number);
    const words = (length - i) >>> 2;
    const from = new Int32Array(source.buffer, source.byteOffset + i, words);
    const to = new Int32Array(output.buffer, outputAt + i, words);
    const word =
      (key[i & 3] as number) |
      ((key[(i + 1) & 3] as number) << 8) |
      ((key[(i + 2) & 3] as number) << 16) |
      ((key[(i + 3) & 3] as number) << 24);
    maskWords(from, to, word);
    i += words << 2;
  }
  for (; i < length; i++) output[offset + i] = (source[i] as number) ^ (key[i & 3] as number);
}

/** Eight at a time: twice as fast as one by one. */
function maskWords(from: Int32Array, to: Int32Array, key: number): void {
  const words = from.length;
  let i = 0;
  for (; i + 8 <= words; i += 8) {
    to[i] = (from[i] as number) ^ key;
    to[i + 1] = (from[i + 1] as number) ^ key;
    to[i + 2] = (from[i + 2] as number) ^ key;
    to[i + 3] = (from[i + 3] as number) ^ key;
    to[i + 4] = (from[i + 4] as number) ^ key;
    to[i + 5] = (from[i + 5] as number) ^ key;
    to[i + 6] = (from[i + 6] as number) ^ key;
    to[i + 7] = (from[i + 7] as number) ^ key;
  }
  for (; i < words; i++) to[i] = (from[i] as number) ^ key;
}

/** In place. */
export function unmask(buffer: Buffer, key: Buffer): void {
  mask(buffer, key, buffer, 0, buffer.length);
}
