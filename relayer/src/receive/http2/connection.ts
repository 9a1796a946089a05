import type { Socket } from 'node:net';
import { encodeSuccess, GREETING, HTTP1_ANSWER, SETTINGS_ACK } from './answers.ts';
import { DataFrame } from './data-frame.ts';
import { DroppedStreams } from './dropped-streams.ts';
import { encodeFrame, ERROR, FLAG, FRAME, MAX_STREAM_ID, uint32 } from './frame.ts';
import { FrameOutput } from './frame-output.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { amountOf, frameError } from './frame-rules.ts';
import { HeaderReader, type ConnectionError } from './header-reader.ts';
import type { RequestHeaders } from './hpack-decoder.ts';
import { LIMITS } from './limits.ts';
import { ReceiveWindow } from './receive-window.ts';
import { SendWindow } from './send-window.ts';
import { parseSettings } from './settings.ts';
import { ServerStream, type RequestReceiver, type StreamOwner } from './stream.ts';

export interface ConnectionOptions {
  /** What it receives goes to `push`. */
  readonly socket: Socket;
  /** The open streams of all connections. */
  readonly all: { streams: number };
  readonly onRequest: (stream: ServerStream, headers: RequestHeaders) => RequestReceiver;
  /** What came is no HTTP/2; it was answered. */
  readonly onForeign: () => void;
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
  readonly #output: FrameOutput;
  readonly #headers = new HeaderReader();
  readonly #streams = new Map<number, ServerStream>();
  readonly #dropped = new DroppedStreams();
  readonly #sendWindow = new SendWindow();
  readonly #receiveWindow = new ReceiveWindow();
  readonly #writeFrame = (frame: Buffer): void => this.#write(frame);
  #lastStreamId = 0;
  #greeted = false;
  #data: DataFrame | undefined;
  #idleWork = 0;
  #goawaySent = false;
  #endWhenIdle = false;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#reader = new FrameReader(this, LIMITS.frameBytes);
    this.#output = new FrameOutput(this.#socket);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => this.#socket.end());
    this.#socket.on('close', () => this.#onClose());
  }

  /** The next bytes that came over the socket. They are read before this returns. */
  push(bytes: Buffer): void {
    this.#reader.push(bytes);
  }

  /** Gives up requests that began before `time` and have not arrived whole, and answers that nobody takes since. */
  cancelOlderThan(time: number): void {
    for (const stream of this.#streams.values())
      if (stream.ended ? stream.blockedAt < time : stream.openedAt < time) stream.cancel();
  }

  /** Asks for no new streams; a second call means it, and closes when the last stream has ended. */
  shutDown(): void {
    if (this.#closed) return;
    // Nothing may come before the greeting, which waits for the preface.
    if (!this.#greeted) return this.destroy();
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
      if (stream.ended) return this.#remove(stream, false);
      return this.#resetStream(stream, ERROR.none);
    }
    this.#succeed(stream);
  }

  reset(stream: ServerStream, code: number): void {
    if (this.#streams.has(stream.id)) this.#resetStream(stream, code);
  }

  onPreface(): void {
    this.#greeted = true;
    this.#write(GREETING);
  }

  onForeign(bytes: Buffer): void {
    this.#reader.stop();
    // An HTTP/1 request begins with a letter, a TLS handshake does not.
    if (/^[A-Z]/.test(bytes.toString('latin1', 0, 1))) this.#write(HTTP1_ANSWER);
    this.#options.onForeign();
    this.#output.end();
    this.#onClose();
  }

  onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    const { pending } = this.#headers;
    if (pending && (type !== FRAME.continuation || stream !== pending))
      return this.#fail(ERROR.protocol, 'a header block is incomplete');
    if (type === FRAME.headers) return this.#onHeaders(stream, this.#headers.begin(flags, stream, payload));
    if (type === FRAME.continuation)
      return pending
        ? this.#onHeaders(stream, this.#headers.add(flags, payload))
        : this.#fail(ERROR.protocol, 'CONTINUATION without HEADERS');
    const error = frameError(type, flags, stream, payload);
    if (error) return this.#fail(error.code, error.message);
    if (stream > this.#lastStreamId && (type === FRAME.windowUpdate || type === FRAME.reset))
      return this.#fail(ERROR.protocol, 'a frame of a stream that was never opened');
    const ack = (flags & FLAG.ack) !== 0;
    if (type === FRAME.settings) return ack ? undefined : this.#onSettings(payload);
    if (type === FRAME.ping) return ack ? undefined : this.#onPing(payload);
    if (type === FRAME.windowUpdate) return this.#onWindowUpdate(stream, payload);
    if (type === FRAME.reset) return this.#onReset(stream);
    // PRIORITY, GOAWAY and what extensions have.
    this.#countWork();
  }

  onDataHead(flags: number, id: number, length: number): void {
    if (this.#headers.pending) return this.#fail(ERROR.protocol, 'a header block is incomplete');
    if (id === 0 || id > this.#lastStreamId)
      return this.#fail(ERROR.protocol, 'DATA on a stream that was never opened');
    const stream = this.#streams.get(id);
    if (!stream && !this.#dropped.has(id)) return this.#fail(ERROR.streamClosed, 'DATA on a closed stream');
    if (!this.#receiveWindow.take(stream, length))
      return this.#fail(ERROR.flowControl, 'more DATA than the window allows');
    if (stream?.ended) return this.#fail(ERROR.streamClosed, 'DATA behind the end of the stream');
    if (length === 0 && !(flags & FLAG.endStream)) this.#countWork();
    if (length === 0 && flags & FLAG.padded) return this.#fail(ERROR.frameSize, 'padding without a length');
    this.#data = new DataFrame({ id, stream, flags, length });
    this.#receiveWindow.giveBack(flags & FLAG.endStream ? undefined : stream, this.#writeFrame);
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

  /** @param headers undefined while the rest of them is to come */
  #onHeaders(id: number, headers: RequestHeaders | ConnectionError | undefined): void {
    if (!headers) return;
    if ('code' in headers) return this.#fail(headers.code, headers.message);
    const endStream = this.#headers.endsStream;
    if (id <= this.#lastStreamId) return this.#onTrailers(id, endStream, headers);
    this.#lastStreamId = id;
    const stream = new ServerStream(id, this);
    const isFull = this.#streams.size >= LIMITS.concurrentStreams || this.#options.all.streams >= LIMITS.allStreams;
    if (isFull || this.#endWhenIdle) {
      this.#write(encodeFrame(FRAME.reset, 0, id, uint32(ERROR.refusedStream)));
      if (!endStream) this.#dropped.add(id);
      return this.#countWork();
    }
    this.#streams.set(id, stream);
    this.#options.all.streams++;
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

  #onSettings(payload: Buffer): void {
    const settings = parseSettings(payload);
    if ('code' in settings) return this.#fail(settings.code, settings.message);
    if (settings.initialWindow !== undefined) this.#sendWindow.setInitial(settings.initialWindow);
    this.#write(SETTINGS_ACK);
    this.#countWork();
    this.#sendWaiting();
  }

  #onPing(payload: Buffer): void {
    this.#write(encodeFrame(FRAME.ping, FLAG.ack, 0, payload));
    this.#countWork();
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    const amount = amountOf(payload);
    const stream = this.#streams.get(id);
    if (id === 0 && !this.#sendWindow.enlarge(amount)) return this.#fail(ERROR.flowControl, 'an impossible window');
    if (stream && amount === 0) return this.reset(stream, ERROR.protocol);
    if (stream && !this.#sendWindow.enlargeStream(stream, amount)) return this.reset(stream, ERROR.flowControl);
    this.#countWork();
    this.#sendWaiting();
  }

  #onReset(id: number): void {
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

  #resetStream(stream: ServerStream, code: number): void {
    this.#write(encodeFrame(FRAME.reset, 0, stream.id, uint32(code)));
    this.#remove(stream, true);
    // Whatever made us do it cost the other side as little as a reset of its own.
    this.#countWork();
  }

  #succeed(stream: ServerStream): void {
    if (!this.#sendWindow.take(stream)) return;
    this.#write(encodeSuccess(stream.id));
    this.#remove(stream, false);
  }

  #sendWaiting(): void {
    for (const stream of this.#sendWindow.waiting()) if (this.#streams.has(stream.id)) this.#succeed(stream);
  }

  #remove(stream: ServerStream, aborted: boolean): void {
    if (this.#streams.delete(stream.id)) this.#options.all.streams--;
    stream.answered = true;
    if (aborted) stream.receiver?.onAbort();
    if (!stream.ended && !stream.resetByPeer) this.#dropped.add(stream.id);
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (!this.#endWhenIdle || this.#streams.size > 0) return;
    this.#output.end();
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
    this.#output.end();
    this.#onClose();
  }

  #write(bytes: Buffer): void {
    if (!this.#closed) this.#output.write(bytes);
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reader.stop();
    for (const stream of this.#streams.values()) {
      stream.answered = true;
      stream.receiver?.onAbort();
    }
    this.#options.all.streams -= this.#streams.size;
    this.#streams.clear();
    this.#options.onClose();
  }
}
