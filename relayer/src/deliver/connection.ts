import { Manager, type Socket } from 'socket.io-client';
import { describeError } from '../errors.ts';
import type { BackendEndpoint } from '../protocol/backend-endpoint.ts';
import {
  EVENTS,
  MIN_MAX_PAYLOAD,
  NAMESPACE,
  parseHelloAnswer,
  PROTOCOL_VERSION,
  type FrameHeader,
  type HandshakeAuth,
} from '../protocol/frames.ts';
import { connectGuarded } from './nonsense-guard.ts';
import { InPlaceWebSocket } from './websocket.ts';

/**
 * Why an attempt failed or a connection ended; the label of `relayer_connection_failures_total`. For
 * `configuration` and `queue` the backend can do nothing: a file or the queue can't be used just now.
 */
type CloseReason = 'network' | 'refused' | 'timeout' | 'protocol' | 'closed' | 'configuration' | 'queue';

/** The end of a connection, in a word for metrics and in words for people. */
export interface Closed {
  readonly reason: CloseReason;
  readonly detail: string;
}

export interface ConnectionOptions {
  readonly endpoint: BackendEndpoint;
  /** Asked for each connection, so that a rotated token is used. */
  readonly readAuth: () => Omit<HandshakeAuth, 'protocol'>;
  readonly timeoutMs: number;
  readonly onClosed: (closed: Closed) => void;
}

/**
 * One Socket.IO connection, from the attempt to its end. It never reconnects: a new attempt is a
 * new object, so no state of an old connection can leak into a new one.
 *
 *   opening ─► connected ─► greeted ─► closed        (from each state directly to closed, once)
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #manager: Manager;
  readonly #socket: Socket;
  #closed = false;
  #endOpening: () => void = () => {};
  /** Largest WebSocket message the backend takes; 0 until it has announced one. */
  maxPayload = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { endpoint, timeoutMs } = options;
    this.#manager = new Manager(endpoint.origin, {
      path: endpoint.socketPath,
      transports: [InPlaceWebSocket],
      upgrade: false,
      reconnection: false,
      autoConnect: false,
      timeout: timeoutMs,
      extraHeaders: { ...endpoint.headers },
      // Compression per message costs memory and CPU on every connection, on both sides.
      perMessageDeflate: false as never,
      ...(endpoint.ca ? { ca: endpoint.ca } : {}),
      ...(endpoint.agent ? { agent: endpoint.agent as never } : {}),
    });
    this.#socket = this.#manager.socket(NAMESPACE, {
      auth: (send) => send({ ...options.readAuth(), protocol: PROTOCOL_VERSION }),
    });
  }

  /** Resolves when connected, authenticated and able to take frames; rejects never, the end is told to `onClosed`. */
  open(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#endOpening = () => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(
        () => end({ reason: 'timeout', detail: 'no connection in time' }),
        this.#options.timeoutMs,
      );
      const end = (closed: Closed): void => this.close(closed);
      this.#socket.once('connect', () => {
        clearTimeout(timer);
        if (this.maxPayload >= MIN_MAX_PAYLOAD) resolve(true);
        else end({ reason: 'protocol', detail: payloadProblem(this.maxPayload) });
      });
      this.#socket.once('connect_error', (error) => end(connectProblem(error)));
      this.#socket.once('disconnect', (reason) =>
        end({ reason: reason === 'parse error' ? 'protocol' : 'closed', detail: reason }),
      );
      connectGuarded(this.#manager, this.#socket, (detail) => end({ reason: 'protocol', detail }));
      this.#manager.engine?.on('handshake', ({ maxPayload }) => {
        if (Number.isSafeInteger(maxPayload) && maxPayload > 0) this.maxPayload = maxPayload;
      });
    });
  }

  /** Tells the epoch; answers the highest sequence the backend has of it, or undefined after a failure. */
  async greet(epoch: string): Promise<number | undefined> {
    // Closed since it was opened: nothing would be sent, and no answer come.
    if (this.#closed) return undefined;
    let answer: unknown;
    try {
      answer = await this.#socket.timeout(this.#options.timeoutMs).emitWithAck(EVENTS.hello, { epoch });
    } catch {
      this.close({ reason: 'timeout', detail: 'no answer to hello' });
      return undefined;
    }
    const hello = parseHelloAnswer(answer);
    if (!hello) this.close({ reason: 'protocol', detail: 'the answer to hello is not one of the protocol' });
    return hello?.acknowledged;
  }

  /**
   * Sends one frame. Its payload is masked where it lies, so nobody may read it any more. `onAnswer`
   * may never be called: the sender watches the time itself.
   */
  send(header: FrameHeader, payload: Buffer, onAnswer: (answer: unknown) => void): void {
    if (this.#closed) return;
    this.#socket.emit(EVENTS.frame, header, payload, (answer: unknown) => {
      if (!this.#closed) onAnswer(answer);
    });
  }

  /** Ends the connection at once, also one whose other side no longer reads. */
  close(closed: Closed): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#endOpening();
    const engine = this.#manager.engine as { transport?: { ws?: { terminate?: () => void } } } | undefined;
    const ws = engine?.transport?.ws;
    this.#socket.disconnect();
    // A polite close waits until everything is sent, which a stopped backend never lets happen.
    const timer = setTimeout(() => ws?.terminate?.(), 200);
    timer.unref();
    this.#options.endpoint.agent?.destroy();
    this.#options.onClosed(closed);
  }
}

function payloadProblem(announced: number): string {
  const found = announced > 0 ? `announces maxPayload ${announced}` : 'announces no maxPayload';
  return `the backend ${found}, and the protocol asks for at least ${MIN_MAX_PAYLOAD}: set maxHttpBufferSize of its Socket.IO server to ${MIN_MAX_PAYLOAD} or more`;
}

function connectProblem(error: Error): Closed {
  const data = (error as { data?: { code?: unknown } }).data;
  if (data !== undefined) {
    const code = typeof data?.code === 'string' ? data.code : error.message;
    return { reason: 'refused', detail: `the backend refused the connection: ${code.slice(0, 200)}` };
  }
  if (error.message === 'timeout') return { reason: 'timeout', detail: 'no connection in time' };
  // Engine.IO hides what happened in `description`, an ErrorEvent of `ws`.
  const description = (error as { description?: { message?: string; error?: unknown } }).description;
  const detail = description?.error ? describeError(description.error) : (description?.message ?? error.message);
  // A namespace middleware that throws a plain Error sends only its message, and no transport error.
  if (!description && (error as { type?: string }).type !== 'TransportError') {
    return { reason: 'refused', detail: `the backend refused the connection: ${detail.slice(0, 200)}` };
  }
  return { reason: /\b40[13]\b/.test(detail) ? 'refused' : 'network', detail };
}
