import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeHeaders } from '../../../src/receive/http2/frame.ts';
import { HpackDecoder } from '../../../src/receive/http2/hpack-decoder.ts';
import { decodeHuffman } from '../../../src/receive/http2/huffman.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');

test('decodes the Huffman-coded requests of RFC 7541, C.4, one after the other', () => {
  const decoder = new HpackDecoder();
  expect(decoder.decode(bytes('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'))).toMatchObject({
    method: 'GET',
    path: '/',
    malformed: false,
  });
  expect(decoder.decode(bytes('8286 84be 5886 a8eb 1064 9cbf'))).toMatchObject({ method: 'GET', path: '/' });
  expect(decoder.decode(bytes('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'))).toMatchObject({
    method: 'GET',
    path: '/index.html',
  });
});

test('decodes the same requests without Huffman coding, C.3', () => {
  const decoder = new HpackDecoder();
  expect(decoder.decode(bytes('8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d'))).toMatchObject({
    method: 'GET',
    path: '/',
  });
  expect(decoder.decode(bytes('8286 84be 5808 6e6f 2d63 6163 6865'))).toMatchObject({ method: 'GET', path: '/' });
});

test('Huffman: text, and every kind of bad padding', () => {
  const www = bytes('f1e3 c2e5 f23a 6ba0 ab90 f4ff');
  expect(decodeHuffman(www, 0, www.length)).toBe('www.example.com');
  for (const bad of ['f1e3c2e5f23a6ba0ab90f4ffff', 'ffffffff', '00'])
    expect(decodeHuffman(bytes(bad), 0, bad.length / 2)).toBeUndefined();
});

const RFC_REQUEST = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/x'],
  ['te', 'trailers'],
  ['content-type', 'application/grpc'],
] as const;

test.each([
  ['an upper-case name', [...RFC_REQUEST, ['User', 'x']]],
  ['a pseudo-header behind a regular one', [...RFC_REQUEST, [':authority', 'x']]],
  ['an unknown pseudo-header', [[':what', 'x'], ...RFC_REQUEST]],
  ['a pseudo-header twice', [[':method', 'POST'], ...RFC_REQUEST]],
  ['no path', RFC_REQUEST.filter(([name]) => name !== ':path')],
  ['a connection-specific header', [...RFC_REQUEST, ['connection', 'x']]],
  ['te that is not trailers', [...RFC_REQUEST, ['te', 'gzip']]],
  ['a content-length that is no number', [...RFC_REQUEST, ['content-length', '1x']]],
] as const)('%s makes the request malformed', (_what, fields) => {
  expect(new HpackDecoder().decode(encodeHeaders(RFC_REQUEST))?.malformed).toBe(false);
  expect(new HpackDecoder().decode(encodeHeaders(fields as [string, string][]))?.malformed).toBe(true);
});

test('a block repeated is decoded alike, and a changed table is noticed', () => {
  const decoder = new HpackDecoder();
  // Literal with incremental indexing of content-type: the second time index 62 stands for another value.
  const indexed = (value: string): Buffer =>
    Buffer.concat([
      bytes('8386'),
      encodeHeaders([[':path', '/x']]),
      bytes('5f'),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]);
  const repeated = Buffer.concat([bytes('8386'), encodeHeaders([[':path', '/x']]), bytes('be')]);
  decoder.decode(indexed('a'));
  expect(decoder.decode(repeated)?.contentType).toBe('a');
  expect(decoder.decode(repeated)?.contentType).toBe('a');
  decoder.decode(indexed('b'));
  expect(decoder.decode(repeated)?.contentType).toBe('b');
});

test('never throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (blocks) => {
      const decoder = new HpackDecoder();
      for (const block of blocks) decoder.decode(Buffer.from(block));
    }),
    { numRuns: 3000 },
  );
});
