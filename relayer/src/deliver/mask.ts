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
    for (let w = 0; w < words; w++) to[w] = (from[w] as number) ^ word;
    i += words << 2;
  }
  for (; i < length; i++) output[offset + i] = (source[i] as number) ^ (key[i & 3] as number);
}

/** In place. */
export function unmask(buffer: Buffer, key: Buffer): void {
  mask(buffer, key, buffer, 0, buffer.length);
}
