import type { Socket } from 'node:net';
import { LIMITS } from './limits.ts';

/** Collects the frames of one turn of the event loop: one write for many answers. */
export class FrameOutput {
  readonly #socket: Socket;
  #frames: Buffer[] = [];
  #ended = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(frame: Buffer): void {
    if (this.#ended) return;
    if (this.#frames.length === 0) setImmediate(() => this.#flush());
    this.#frames.push(frame);
  }

  /** Sends what was written and closes the connection, with or without the other side. */
  end(): void {
    this.#flush();
    this.#ended = true;
    this.#socket.end();
    // A client that keeps its side open would keep us from stopping.
    setTimeout(() => this.#socket.destroy(), 1000).unref();
  }

  #flush(): void {
    if (this.#frames.length === 0 || this.#socket.destroyed || this.#socket.writableEnded) return;
    const bytes = this.#frames.length === 1 ? (this.#frames[0] as Buffer) : Buffer.concat(this.#frames);
    this.#frames = [];
    if (this.#socket.writableLength > LIMITS.unreadBytes) return void this.#socket.destroy();
    this.#socket.write(bytes);
  }
}
