import type { Socket } from 'node:net';
import { encodeSuccess, GREETING, SETTINGS_ACK, SUCCESS_DATA_BYTES } from './answers.ts';
import { DataFrame } from './data-frame.ts';
import { encodeFrame, ERROR, FLAG, FRAME, MAX_STREAM_ID, SETTING, uint32 } from './frame.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { HpackDecoder, type RequestHeaders } from './hpack-decoder.ts';
import { DEFAULT_WINDOW_BYTES, LIMITS, MAX_WINDOW_BYTES } from './limits.ts';
import { ServerStream, type RequestReceiver, type StreamOwner } from './stream.ts';

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly onRequest: (stream: ServerStream, headers: RequestHeaders) => RequestReceiver;
  readonly onClose: () => void;
}

/**
 * The server's side of one HTTP/2 connection (RFC 9113) for unary gRPC calls, over a plain socket.
 * It exists because a stream of `node:http2` costs several times as much as receiving, checking and
 * storing a small request does: objects, events and header maps for every stream.
 *
 *   preface ─► open ── goaway sent ──► closing (running streams end) ─► closed
 *                └───── error: goaway with its code ───────────────────────┘
 */
export class Http2Connection implements FrameSink, StreamOwner {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #hpack = new HpackDecoder();
  readonly #streams = new Map<number, ServerStream>();
  /** Streams that we ended while the other side was still sending: what comes of them is dropped. */
  readonly #dropped = new Set<number>();
  #lastStreamId = 0;
  #receiveWindow = LIMITS.connectionWindowBytes;
  #sendWindow = DEFAULT_WINDOW_BYTES;
  #peerInitialWindow = DEFAULT_WINDOW_BYTES;
  /** Successes that wait for the other side's window. */
  #blocked: ServerStream[] = [];
  #output: Buffer[] = [];
  #data: DataFrame | undefined;
  #block: { readonly stream: number; readonly flags: number; readonly parts: Buffer[]; bytes: number } | undefined;
  #idleWork = 0;
  #goawaySent = false;
  #endWhenIdle = false;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#reader = new FrameReader(this, LIMITS.frameBytes);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => this.#socket.end());
    this.#socket.on('close', () => this.#onClose());
    this.#write(GREETING);
  }

  get isIdle(): boolean {
    return this.#streams.size === 0;
  }

  /** Requests that began before `time` and have not arrived whole. */
  cancelOlderThan(time: number): void {
    for (const stream of this.#streams.values()) if (!stream.ended && stream.openedAt < time) stream.cancel();
  }

  /** Asks for no new streams; a second call means it, and closes when the last stream has ended. */
  shutDown(): void {
    if (this.#closed) return;
    const final = this.#goawaySent;
    this.#goawaySent = true;
    this.#write(encodeFrame(FRAME.goaway, 0, 0, uint32(final ? this.#lastStreamId : MAX_STREAM_ID, ERROR.none)));
    if (!final) return;
    this.#endWhenIdle = true;
    this.#closeIfDone();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** @param refusal a header block; undefined for a success. */
  answer(stream: ServerStream, refusal: Buffer | undefined): void {
    if (stream.answered || this.#closed) return;
    stream.answered = true;
    if (refusal) {
      this.#write(encodeFrame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, stream.id, refusal));
      if (!stream.ended) this.#write(encodeFrame(FRAME.reset, 0, stream.id, uint32(ERROR.none)));
      return this.#remove(stream, !stream.ended);
    }
    if (this.#maySend(stream)) this.#succeed(stream);
    else this.#blocked.push(stream);
  }

  reset(stream: ServerStream, code: number): void {
    if (!this.#streams.has(stream.id)) return;
    this.#write(encodeFrame(FRAME.reset, 0, stream.id, uint32(code)));
    this.#remove(stream, true);
  }

  onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (this.#block && (type !== FRAME.continuation || stream !== this.#block.stream))
      return this.#fail(ERROR.protocol, 'a header block is incomplete');
    switch (type) {
      case FRAME.headers:
        return this.#onHeaders(flags, stream, payload);
      case FRAME.continuation:
        return this.#block
          ? this.#onHeaderPart(flags, payload)
          : this.#fail(ERROR.protocol, 'CONTINUATION without HEADERS');
      case FRAME.settings:
        return this.#onSettings(flags, stream, payload);
      case FRAME.ping:
        return this.#onPing(flags, stream, payload);
      case FRAME.windowUpdate:
        return this.#onWindowUpdate(stream, payload);
      case FRAME.reset:
        return this.#onReset(stream, payload);
      case FRAME.priority:
        return this.#onPriority(stream, payload);
      case FRAME.goaway:
        return stream === 0 ? this.#countWork() : this.#fail(ERROR.protocol, 'GOAWAY on a stream');
      case FRAME.pushPromise:
        return this.#fail(ERROR.protocol, 'a client can not push');
      default:
        // Types of extensions.
        return this.#countWork();
    }
  }

  onDataHead(flags: number, id: number, length: number): void {
    if (this.#block) return this.#fail(ERROR.protocol, 'a header block is incomplete');
    if (id === 0 || id > this.#lastStreamId)
      return this.#fail(ERROR.protocol, 'DATA on a stream that was never opened');
    const stream = this.#streams.get(id);
    if (!stream && !this.#dropped.has(id)) return this.#fail(ERROR.streamClosed, 'DATA on a closed stream');
    this.#receiveWindow -= length;
    if (stream) stream.receiveWindow -= length;
    if (this.#receiveWindow < 0 || (stream && stream.receiveWindow < 0))
      return this.#fail(ERROR.flowControl, 'more DATA than the window allows');
    if (stream?.ended) return this.#fail(ERROR.streamClosed, 'DATA behind the end of the stream');
    if (length === 0 && !(flags & FLAG.endStream)) this.#countWork();
    if (length === 0 && flags & FLAG.padded) return this.#fail(ERROR.frameSize, 'padding without a length');
    this.#data = new DataFrame({ id, stream, flags, length });
    this.#returnWindow(stream, (flags & FLAG.endStream) !== 0);
  }

  onDataPiece(piece: Buffer, last: boolean): void {
    const data = this.#data;
    if (!data) return;
    const contents = data.contents(piece);
    if (!contents) return this.#fail(ERROR.protocol, 'more padding than payload');
    const { stream } = data;
    if (stream?.announcedLeft !== undefined) stream.announcedLeft -= contents.length;
    if (contents.length > 0) stream?.receiver?.onData(contents, last && data.endsStream);
    if (!last) return;
    this.#data = undefined;
    if (!data.endsStream) return;
    this.#dropped.delete(data.id);
    if (stream) this.#endRequest(stream);
  }

  onReadError(code: number, message: string): void {
    this.#fail(code, message);
  }

  #onHeaders(flags: number, id: number, payload: Buffer): void {
    if (id === 0 || id % 2 === 0) return this.#fail(ERROR.protocol, 'HEADERS on an impossible stream');
    let start = 0;
    let end = payload.length;
    if (flags & FLAG.padded) {
      start = 1;
      end -= payload[0] ?? 0;
    }
    if (flags & FLAG.priority) {
      if (payload.length >= start + 5 && (payload.readUInt32BE(start) & 0x7fffffff) === id)
        return this.#fail(ERROR.protocol, 'a stream that depends on itself');
      start += 5;
    }
    if (start > end) return this.#fail(ERROR.protocol, 'more padding than payload');
    this.#block = { stream: id, flags, parts: [], bytes: 0 };
    this.#onHeaderPart(flags, payload.subarray(start, end));
  }

  #onHeaderPart(flags: number, part: Buffer): void {
    const block = this.#block;
    if (!block) return;
    block.bytes += part.length;
    if (block.bytes > LIMITS.headerBlockBytes || block.parts.length > LIMITS.headerBlockParts)
      return this.#fail(ERROR.enhanceYourCalm, 'the header block is too large');
    if (flags & FLAG.endHeaders) {
      this.#block = undefined;
      const bytes = block.parts.length === 0 ? part : Buffer.concat([...block.parts, part]);
      const headers = this.#hpack.decode(bytes);
      return headers
        ? this.#onHeaderBlock(block.stream, block.flags, headers)
        : this.#fail(ERROR.compression, 'a malformed header block');
    }
    block.parts.push(Buffer.from(part));
  }

  #onHeaderBlock(id: number, flags: number, headers: RequestHeaders): void {
    const endStream = (flags & FLAG.endStream) !== 0;
    if (id <= this.#lastStreamId) return this.#onTrailers(id, endStream, headers);
    this.#lastStreamId = id;
    const stream = new ServerStream(id, this);
    if (this.#streams.size >= LIMITS.concurrentStreams || this.#endWhenIdle) {
      this.#write(encodeFrame(FRAME.reset, 0, id, uint32(ERROR.refusedStream)));
      if (!endStream) this.#drop(id);
      return this.#countWork();
    }
    this.#streams.set(id, stream);
    if (headers.malformed) return this.reset(stream, ERROR.protocol);
    stream.ended = endStream;
    stream.announcedLeft = headers.contentLength;
    stream.receiver = this.#options.onRequest(stream, headers);
    if (endStream) this.#endRequest(stream);
  }

  #onTrailers(id: number, endStream: boolean, { validTrailers }: RequestHeaders): void {
    const stream = this.#streams.get(id);
    if (!stream)
      return this.#dropped.has(id) ? this.#countWork() : this.#fail(ERROR.streamClosed, 'HEADERS on a closed stream');
    if (stream.ended) return this.#fail(ERROR.streamClosed, 'HEADERS behind the end of the stream');
    if (!endStream || !validTrailers) return this.reset(stream, ERROR.protocol);
    this.#endRequest(stream);
  }

  #endRequest(stream: ServerStream): void {
    stream.ended = true;
    if (this.#idleWork > 0) this.#idleWork--;
    if (stream.announcedLeft) return this.reset(stream, ERROR.protocol);
    stream.receiver?.onEnd();
  }

  #onPriority(id: number, payload: Buffer): void {
    if (id === 0) return this.#fail(ERROR.protocol, 'PRIORITY without a stream');
    if (payload.length !== 5) return this.#fail(ERROR.frameSize, 'a malformed PRIORITY');
    if ((payload.readUInt32BE(0) & 0x7fffffff) === id)
      return this.#fail(ERROR.protocol, 'a stream that depends on itself');
    this.#countWork();
  }

  #onSettings(flags: number, id: number, payload: Buffer): void {
    if (id !== 0) return this.#fail(ERROR.protocol, 'SETTINGS on a stream');
    if (flags & FLAG.ack)
      return payload.length === 0 ? undefined : this.#fail(ERROR.frameSize, 'a SETTINGS acknowledgement with contents');
    if (payload.length % 6 !== 0) return this.#fail(ERROR.frameSize, 'a malformed SETTINGS');
    for (let at = 0; at < payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      const name = payload.readUInt16BE(at);
      if (name === SETTING.enablePush && value > 1) return this.#fail(ERROR.protocol, 'an impossible setting');
      if (name === SETTING.maxFrameSize && (value < 16_384 || value > 16_777_215))
        return this.#fail(ERROR.protocol, 'an impossible frame size');
      if (name === SETTING.initialWindowSize && value > MAX_WINDOW_BYTES)
        return this.#fail(ERROR.flowControl, 'an impossible window');
      if (name === SETTING.initialWindowSize) this.#peerInitialWindow = value;
    }
    this.#write(SETTINGS_ACK);
    this.#countWork();
    this.#sendBlocked();
  }

  #onPing(flags: number, id: number, payload: Buffer): void {
    if (id !== 0) return this.#fail(ERROR.protocol, 'PING on a stream');
    if (payload.length !== 8) return this.#fail(ERROR.frameSize, 'a malformed PING');
    if (flags & FLAG.ack) return;
    this.#write(encodeFrame(FRAME.ping, FLAG.ack, 0, payload));
    this.#countWork();
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    if (payload.length !== 4) return this.#fail(ERROR.frameSize, 'a malformed WINDOW_UPDATE');
    if (id > this.#lastStreamId) return this.#fail(ERROR.protocol, 'WINDOW_UPDATE on a stream that was never opened');
    const amount = payload.readUInt32BE(0) & 0x7fffffff;
    const stream = this.#streams.get(id);
    if (amount === 0)
      return id === 0
        ? this.#fail(ERROR.protocol, 'a window update of nothing')
        : stream && this.reset(stream, ERROR.protocol);
    if (id === 0) this.#sendWindow += amount;
    else if (stream) stream.sendWindowExtra += amount;
    if (this.#sendWindow > MAX_WINDOW_BYTES) return this.#fail(ERROR.flowControl, 'an impossible window');
    if (stream && stream.sendWindowExtra + this.#peerInitialWindow > MAX_WINDOW_BYTES)
      return this.reset(stream, ERROR.flowControl);
    this.#countWork();
    this.#sendBlocked();
  }

  #onReset(id: number, payload: Buffer): void {
    if (payload.length !== 4) return this.#fail(ERROR.frameSize, 'a malformed RST_STREAM');
    if (id === 0 || id > this.#lastStreamId)
      return this.#fail(ERROR.protocol, 'RST_STREAM on a stream that was never opened');
    const stream = this.#streams.get(id);
    if (stream) {
      stream.resetByPeer = true;
      this.#remove(stream, true);
    }
    this.#dropped.delete(id);
    // Opening and resetting streams is work for us and none for the other side.
    this.#countWork();
    this.#countWork();
  }

  /** Gives windows back in large steps; contents are used up as they come. */
  #returnWindow(stream: ServerStream | undefined, ending: boolean): void {
    if (this.#receiveWindow < LIMITS.connectionWindowBytes / 2) {
      this.#write(encodeFrame(FRAME.windowUpdate, 0, 0, uint32(LIMITS.connectionWindowBytes - this.#receiveWindow)));
      this.#receiveWindow = LIMITS.connectionWindowBytes;
    }
    if (!stream || ending || stream.receiveWindow >= LIMITS.streamWindowBytes / 2) return;
    this.#write(encodeFrame(FRAME.windowUpdate, 0, stream.id, uint32(LIMITS.streamWindowBytes - stream.receiveWindow)));
    stream.receiveWindow = LIMITS.streamWindowBytes;
  }

  #maySend(stream: ServerStream): boolean {
    return (
      this.#sendWindow >= SUCCESS_DATA_BYTES && this.#peerInitialWindow + stream.sendWindowExtra >= SUCCESS_DATA_BYTES
    );
  }

  #succeed(stream: ServerStream): void {
    this.#sendWindow -= SUCCESS_DATA_BYTES;
    this.#write(encodeSuccess(stream.id));
    this.#remove(stream, false);
  }

  #sendBlocked(): void {
    if (this.#blocked.length === 0) return;
    const waiting = this.#blocked;
    this.#blocked = [];
    for (const stream of waiting) {
      if (!this.#streams.has(stream.id)) continue;
      if (this.#maySend(stream)) this.#succeed(stream);
      else this.#blocked.push(stream);
    }
  }

  #remove(stream: ServerStream, aborted: boolean): void {
    this.#streams.delete(stream.id);
    stream.answered = true;
    if (aborted) stream.receiver?.onAbort();
    if (!stream.ended && !stream.resetByPeer) this.#drop(stream.id);
    this.#closeIfDone();
  }

  #drop(id: number): void {
    this.#dropped.add(id);
    if (this.#dropped.size <= LIMITS.droppedStreams) return;
    for (const oldest of this.#dropped) return void this.#dropped.delete(oldest);
  }

  #closeIfDone(): void {
    if (!this.#endWhenIdle || this.#streams.size > 0) return;
    this.#flush();
    this.#socket.end();
    // A client that keeps its side open would keep us from stopping.
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  /** Frames that aren't part of a request must not cost more than requests do. */
  #countWork(): void {
    if (++this.#idleWork > LIMITS.idleWork) this.#fail(ERROR.enhanceYourCalm, 'too many frames that are no request');
  }

  #fail(code: number, message: string): void {
    if (this.#closed) return;
    this.#reader.stop();
    this.#write(
      encodeFrame(FRAME.goaway, 0, 0, Buffer.concat([uint32(this.#lastStreamId, code), Buffer.from(message)])),
    );
    this.#flush();
    this.#socket.end();
    this.#onClose();
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  #write(bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#output.length === 0) setImmediate(() => this.#flush());
    this.#output.push(bytes);
  }

  #flush(): void {
    if (this.#output.length === 0 || this.#socket.destroyed || this.#socket.writableEnded) return;
    const bytes = this.#output.length === 1 ? (this.#output[0] as Buffer) : Buffer.concat(this.#output);
    this.#output = [];
    if (this.#socket.writableLength > LIMITS.unreadBytes) return void this.#socket.destroy();
    this.#socket.write(bytes);
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reader.stop();
    for (const stream of this.#streams.values()) {
      stream.answered = true;
      stream.receiver?.onAbort();
    }
    this.#streams.clear();
    this.#blocked = [];
    this.#options.onClose();
  }
}
