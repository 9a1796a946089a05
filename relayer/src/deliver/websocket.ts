import { randomFillSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { NodeWebSocket } from 'engine.io-client';
import { HEADROOM_BYTES } from '../queue/frame-buffers.ts';
import { maskInPlace } from './mask.ts';

const FINAL_BINARY = 0x82;
const MASKED = 0x80;
const KEY_BYTES = 4;

/** What is used of the library's WebSocket. */
interface LibrarySocket {
  readonly readyState: number;
  readonly OPEN: number;
  once(event: 'upgrade', listener: (response: IncomingMessage) => void): void;
}

/**
 * Engine.IO's WebSocket transport, except that binary messages are masked where they lie. The
 * library would make a masked copy of each: half a megabyte of garbage a frame, which costs more
 * than all that the relayer does with its bytes. Needs payloads from `FrameBuffers`, which nobody
 * reads after they were sent.
 */
export class InPlaceWebSocket extends NodeWebSocket {
  #wire: Duplex | undefined;

  override createSocket(...args: Parameters<NodeWebSocket['createSocket']>): LibrarySocket {
    const socket = super.createSocket(...args) as LibrarySocket;
    socket.once('upgrade', (response) => (this.#wire = response.socket));
    return socket;
  }

  override doWrite(...[packet, data]: Parameters<NodeWebSocket['doWrite']>): void {
    const { readyState, OPEN } = this.ws as LibrarySocket;
    // What the library sends goes to the same stream in the same turn, so the order stays.
    if (this.#wire && Buffer.isBuffer(data) && data.byteOffset >= HEADROOM_BYTES && readyState === OPEN)
      this.#wire.write(frameInPlace(data));
    else super.doWrite(packet, data);
  }
}

/** The message of these bytes as a WebSocket frame of a client, RFC 6455 section 5.2; its head is put in front of them. */
function frameInPlace(payload: Buffer): Buffer {
  const lengthBytes = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const head = 2 + lengthBytes + KEY_BYTES;
  const frame = Buffer.from(payload.buffer, payload.byteOffset - head, head + payload.length);
  frame[0] = FINAL_BINARY;
  frame[1] = MASKED | (lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) frame.writeUInt16BE(payload.length, 2);
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(payload.length), 2);
  maskInPlace(payload, randomFillSync(frame.subarray(head - KEY_BYTES, head)));
  return frame;
}
