import { encodeHeaders, ERROR } from './frame.ts';
import { LIMITS } from './limits.ts';

/** A request as it arrives. All methods are called by the connection. */
export interface RequestReceiver {
  /** @param last the request ends with this piece */
  onData(piece: Buffer, last: boolean): void;
  onEnd(): void;
  /** The stream or the connection is gone; nothing can be answered any more. */
  onAbort(): void;
}

/** The connection, as its streams see it. */
export interface StreamOwner {
  /** @param refusal a header block; undefined for a success. */
  answer(stream: ServerStream, refusal: Buffer | undefined): void;
  reset(stream: ServerStream, code: number): void;
}

type Headers = readonly (readonly [string, string])[];

/** One request and its answer. */
export class ServerStream {
  readonly id: number;
  readonly openedAt: number = performance.now();
  receiver: RequestReceiver | undefined;
  /** The sender has sent everything. */
  ended = false;
  answered = false;
  resetByPeer = false;
  /** Since when its success waits for the other side's window. */
  blockedAt: number = Number.POSITIVE_INFINITY;
  receiveWindow: number = LIMITS.streamWindowBytes;
  /** Of the content-length header; what arrives is taken off. */
  announcedLeft: number | undefined;
  /** Beside the initial window of the other side's settings. */
  sendWindowExtra = 0;
  readonly #owner: StreamOwner;

  constructor(id: number, owner: StreamOwner) {
    this.id = id;
    this.#owner = owner;
  }

  /** Answers with an empty message and grpc-status 0. */
  succeed(): void {
    this.#owner.answer(this, undefined);
  }

  /** Answers with headers alone. What the sender still sends is dropped. */
  refuse(headers: Headers): void {
    this.#owner.answer(this, encodeHeaders(headers));
  }

  /** Ends the stream without an answer. */
  cancel(): void {
    this.#owner.reset(this, ERROR.cancel);
  }
}
