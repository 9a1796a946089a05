import { ERROR, FLAG, FRAME } from './frame.ts';
import type { ConnectionError } from './header-reader.ts';

/** What RFC 9113 forbids about a control frame by itself, whatever came before it. */
export function frameError(type: number, flags: number, stream: number, payload: Buffer): ConnectionError | undefined {
  const size = payload.length;
  const ack = (flags & FLAG.ack) !== 0;
  switch (type) {
    case FRAME.settings:
      if (stream !== 0) return protocolError('SETTINGS on a stream');
      if (ack && size > 0) return sizeError('a SETTINGS acknowledgement with contents');
      return size % 6 === 0 ? undefined : sizeError('a malformed SETTINGS');
    case FRAME.ping:
      if (stream !== 0) return protocolError('PING on a stream');
      return size === 8 ? undefined : sizeError('a malformed PING');
    case FRAME.windowUpdate:
      if (size !== 4) return sizeError('a malformed WINDOW_UPDATE');
      if (stream === 0 && amountOf(payload) === 0) return protocolError('a window update of nothing');
      return undefined;
    case FRAME.reset:
      if (size !== 4) return sizeError('a malformed RST_STREAM');
      return stream === 0 ? protocolError('RST_STREAM without a stream') : undefined;
    case FRAME.priority:
      if (stream === 0) return protocolError('PRIORITY without a stream');
      if (size !== 5) return sizeError('a malformed PRIORITY');
      return amountOf(payload) === stream ? protocolError('a stream that depends on itself') : undefined;
    case FRAME.goaway:
      return stream === 0 ? undefined : protocolError('GOAWAY on a stream');
    case FRAME.pushPromise:
      return protocolError('a client can not push');
    default:
      return undefined;
  }
}

/** The first 31 bits of a payload: the amount of WINDOW_UPDATE, the parent in PRIORITY. */
export function amountOf(payload: Buffer): number {
  return payload.readUInt32BE(0) & 0x7fffffff;
}

function protocolError(message: string): ConnectionError {
  return { code: ERROR.protocol, message };
}

function sizeError(message: string): ConnectionError {
  return { code: ERROR.frameSize, message };
}
