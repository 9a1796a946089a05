/*
 * The Huffman code of RFC 7541, Appendix B. It is canonical: within one length the codes follow
 * each other in the order of the symbols, so the lengths alone define it. One base-36 digit per
 * symbol 0 to 255; the end-of-string symbol has 30 bits.
 */
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq';
const END_OF_STRING = 256;
const MAX_LENGTH = 30;

/** Per length: the first code, and where its symbols begin in `SYMBOLS`. */
const FIRST_CODE: number[] = [];
const FIRST_INDEX: number[] = [];
const COUNT: number[] = [];
const SYMBOLS: number[] = [];

for (let length = 1, code = 0; length <= MAX_LENGTH; length++) {
  code *= 2;
  FIRST_CODE[length] = code;
  FIRST_INDEX[length] = SYMBOLS.length;
  for (let symbol = 0; symbol <= END_OF_STRING; symbol++) {
    if ((symbol === END_OF_STRING ? MAX_LENGTH : parseInt(LENGTHS[symbol] as string, 36)) !== length) continue;
    SYMBOLS.push(symbol);
    code++;
  }
  COUNT[length] = SYMBOLS.length - (FIRST_INDEX[length] as number);
}

/** The decoded text as latin1, or undefined when the bytes are not a Huffman-coded string. */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string | undefined {
  const output: number[] = [];
  let code = 0;
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      if (++length > MAX_LENGTH) return undefined;
      const index = code - (FIRST_CODE[length] as number);
      if (index >= (COUNT[length] as number)) continue;
      const symbol = SYMBOLS[(FIRST_INDEX[length] as number) + index] as number;
      if (symbol === END_OF_STRING) return undefined;
      output.push(symbol);
      code = 0;
      length = 0;
    }
  }
  // What is left is padding: the beginning of the end-of-string code, all ones, less than a byte.
  if (length > 7 || code !== 2 ** length - 1) return undefined;
  return String.fromCharCode(...output);
}
