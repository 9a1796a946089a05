import { encodeFrame, encodeHeaders, encodeSettings, FLAG, FRAME, SETTING, uint32 } from './frame.ts';
import { DEFAULT_WINDOW_BYTES, LIMITS } from './limits.ts';

/** The first frames of every connection: settings, and a larger window for the connection. */
export const GREETING: Buffer = Buffer.concat([
  encodeFrame(
    FRAME.settings,
    0,
    0,
    encodeSettings([
      [SETTING.initialWindowSize, LIMITS.streamWindowBytes],
      [SETTING.maxFrameSize, LIMITS.frameBytes],
      [SETTING.maxConcurrentStreams, LIMITS.concurrentStreams],
      [SETTING.maxHeaderListSize, LIMITS.headerListBytes],
    ]),
  ),
  encodeFrame(FRAME.windowUpdate, 0, 0, uint32(LIMITS.connectionWindowBytes - DEFAULT_WINDOW_BYTES)),
]);

const HTTP1_TEXT = 'this port takes OTLP over gRPC (HTTP/2 without TLS); OTLP over HTTP has a port of its own\n';

/** For a sender of OTLP/HTTP, or a browser, at the wrong port. */
export const HTTP1_ANSWER: Buffer = Buffer.from(
  `HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: ${HTTP1_TEXT.length}\r\n` +
    `connection: close\r\n\r\n${HTTP1_TEXT}`,
);

export const SETTINGS_ACK: Buffer = encodeFrame(FRAME.settings, FLAG.ack, 0);

/** An Export*ServiceResponse with nothing set, behind gRPC's prefix: 5 zero bytes. */
export const SUCCESS_DATA_BYTES = 5;

const HEADERS: Buffer = encodeHeaders([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);
const TRAILERS: Buffer = encodeHeaders([['grpc-status', '0']]);
const SUCCESS: Buffer = Buffer.concat([
  encodeFrame(FRAME.headers, FLAG.endHeaders, 0, HEADERS),
  encodeFrame(FRAME.data, 0, 0, Buffer.alloc(SUCCESS_DATA_BYTES)),
  encodeFrame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 0, TRAILERS),
]);
const STREAM_ID_AT: readonly number[] = [5, 9 + HEADERS.length + 5, 18 + HEADERS.length + SUCCESS_DATA_BYTES + 5];

/** Headers, message and trailers of a success: always the same bytes but for the stream. */
export function encodeSuccess(stream: number): Buffer {
  const answer = Buffer.from(SUCCESS);
  for (const at of STREAM_ID_AT) answer.writeUInt32BE(stream, at);
  return answer;
}
