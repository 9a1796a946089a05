/** Numbers of RFC 9113. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;
export const SETTING = {
  initialWindowSize: 4,
  maxConcurrentStreams: 3,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  enablePush: 2,
} as const;
export const ERROR = {
  none: 0,
  protocol: 1,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const;

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
export const FRAME_HEAD_BYTES = 9;
export const MAX_STREAM_ID: number = 2 ** 31 - 1;

/** Writes a frame's head at `at` and returns where its payload begins. */
function writeFrameHead(
  target: Buffer,
  at: number,
  head: { readonly length: number; readonly type: number; readonly flags: number; readonly stream: number },
): number {
  target.writeUIntBE(head.length, at, 3);
  target[at + 3] = head.type;
  target[at + 4] = head.flags;
  target.writeUInt32BE(head.stream, at + 5);
  return at + FRAME_HEAD_BYTES;
}

/** A whole frame. */
export function encodeFrame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payload.length);
  payload.copy(frame, writeFrameHead(frame, 0, { length: payload.length, type, flags, stream }));
  return frame;
}

/** The payload of WINDOW_UPDATE and RST_STREAM, and each half of GOAWAY's. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}

/** The payload of SETTINGS. */
export function encodeSettings(settings: readonly (readonly [name: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(6 * settings.length);
  settings.forEach(([name, value], i) => {
    bytes.writeUInt16BE(name, 6 * i);
    bytes.writeUInt32BE(value, 6 * i + 2);
  });
  return bytes;
}

/** A header block of literals without indexing: it needs no state, and a sender no table. */
export function encodeHeaders(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => {
      if (name === ':status' && value === '200') return [Buffer.from([0x88])];
      return [Buffer.from([0]), encodeString(name), encodeString(value)];
    }),
  );
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  return Buffer.concat([Buffer.from(length), bytes]);
}
