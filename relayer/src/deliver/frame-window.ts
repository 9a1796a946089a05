import { describeError } from '../errors.ts';
import {
  findContradiction,
  MAX_FRAME_BYTES,
  PAYLOAD_MARGIN,
  parseFrameAnswer,
  type FrameAnswer,
  type Section,
} from '../protocol/frames.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Logger } from '../observe/logger.ts';
import type { DiskQueue, Frame } from '../queue/disk-queue.ts';
import { emptyFrame } from '../queue/frame-cutter.ts';
import type { FrameRange } from '../queue/position.ts';
import type { Connection } from './connection.ts';
import type { RefusalSearch } from './refusal-search.ts';

export interface FrameWindowOptions {
  readonly queue: DiskQueue;
  readonly connection: Pick<Connection, 'send' | 'close' | 'maxPayload'>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly answerTimeoutMs: number;
  /** That of all connections. */
  readonly search: RefusalSearch;
  /** A frame was acknowledged. */
  readonly onProgress: () => void;
}

/** Frames in flight at most, and their bytes: enough for a long round trip, little enough memory. */
const MAX_FRAMES = 32;
const MAX_BYTES = 4 * 1024 * 1024;
const TARGET_FRAME_BYTES = 512 * 1024;
/** With this many frames in flight a further one waits until it is worth sending. */
const FRAMES_SENT_AT_ONCE = 2;

interface InFlight {
  readonly frame: Frame;
  readonly sentAt: number;
}

/** Sending pauses until every frame in flight is answered, and then for `afterMs`. */
interface Pause {
  readonly afterMs: number;
  /** To be taken apart or given up before sending goes on. */
  readonly refused?: { readonly frame: Frame; readonly code: string };
}

/**
 * Sends the queue's frames over one greeted connection, in order, several at a time.
 *
 *   sending ── retry, refused or gap ──► draining ── all answered ──► waiting afterMs ──► sending
 *
 * While draining, the frames behind the one in question are answered `gap`, because the backend
 * takes sequences only in order. So after draining the backend's state is known, and the rest can
 * be sent again or cut anew without a doubt about what it has.
 */
export class FrameWindow {
  readonly #options: FrameWindowOptions;
  readonly #inFlight = new Map<number, InFlight>();
  #inFlightBytes = 0;
  #answeredAt = 0;
  #resend: FrameRange[] = [];
  #pause: Pause | undefined;
  /** The lowest sequence that the backend has not stored, as it said since the pause began. */
  #notStored = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  readonly #watchdog: NodeJS.Timeout;
  #ended = false;

  constructor(options: FrameWindowOptions) {
    this.#options = options;
    this.#watchdog = setInterval(() => this.#checkAnswers(), Math.min(1000, options.answerTimeoutMs / 2));
  }

  /** @param acknowledged what the backend has, as it said when greeted. */
  start(acknowledged: number): void {
    const { queue } = this.#options;
    this.#settle(acknowledged);
    const frames = queue.outstanding().map((range) => ({ range, frame: queue.load(range) }));
    // Cut for a backend that took larger ones: cut anew, a span that is too large now is given up then.
    const limit = this.#options.connection.maxPayload - PAYLOAD_MARGIN;
    if (frames.some(({ frame }) => frame.payload.length > limit)) queue.rewind(acknowledged + 1);
    else this.#resend = frames.map(({ range }) => range);
    this.pump();
  }

  /** Sends what may be sent. Called when data was stored, and after each answer. */
  pump(): void {
    try {
      this.#sendWhilePossible();
    } catch (error) {
      // The queue can't be read or its cursor not written just now (descriptors, disk). What was
      // not sent stays queued; the next connection tries again after a pause.
      this.#options.connection.close({ reason: 'queue', detail: `the queue can't be read: ${describeError(error)}` });
    }
  }

  #sendWhilePossible(): void {
    while (!this.#ended && !this.#pause && this.#inFlight.size < MAX_FRAMES && this.#inFlightBytes < MAX_BYTES) {
      const frame = this.#next();
      if (!frame) return;
      this.#send(frame);
    }
  }

  /** The connection is gone. What was in flight stays in the queue. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#watchdog);
    clearTimeout(this.#timer);
    this.#inFlight.clear();
    this.#options.metrics.set('relayer_frames_in_flight', 0);
    // Else connections that end before everything is answered would ask the same without end.
    if (this.#pause?.refused) this.#afterRefusal(this.#pause.refused);
  }

  #next(): Frame | undefined {
    const { queue, metrics, search } = this.#options;
    const again = this.#resend.shift();
    if (again) {
      metrics.add('relayer_frames_resent_total', 1);
      return queue.load(again);
    }
    if (this.#inFlight.size >= FRAMES_SENT_AT_ONCE && !queue.hasUncut(TARGET_FRAME_BYTES)) return undefined;
    const frame = queue.cut({
      maxBytes: MAX_FRAME_BYTES,
      targetBytes: TARGET_FRAME_BYTES,
      maxRecords: search.maxRecords,
    });
    if (!frame) return undefined;
    search.noteCut(frame.end);
    // A single span may be larger than frames usually are, but not than the backend takes.
    if (!frame.oversize || frame.payload.length <= this.#options.connection.maxPayload - PAYLOAD_MARGIN) return frame;
    this.#giveUp(frame, 'too_large');
    return { sequence: frame.sequence, ...emptyFrame(frame.end) };
  }

  #send(frame: Frame): void {
    const { queue, connection, metrics } = this.#options;
    const { sequence, sections, payload } = frame;
    this.#inFlight.set(sequence, { frame, sentAt: performance.now() });
    this.#inFlightBytes += payload.length;
    metrics.add('relayer_frames_sent_total', 1);
    metrics.set('relayer_frames_in_flight', this.#inFlight.size);
    connection.send({ epoch: queue.epoch, sequence, sections }, payload, (answer) => this.#answered(sequence, answer));
  }

  #answered(sequence: number, raw: unknown): void {
    if (this.#ended) return;
    this.#answeredAt = performance.now();
    const answer = parseFrameAnswer(raw);
    if (!answer) return this.#closeFor(`the answer to frame ${sequence} is not one of the protocol`);
    const contradiction = findContradiction(answer, sequence, this.#options.queue.acknowledged);
    if (contradiction) return this.#closeFor(contradiction);
    if (answer.status === 'acknowledged' && sequence > this.#notStored)
      return this.#closeFor(`frame ${sequence} was acknowledged, and ${this.#notStored} before it is not stored`);
    const entry = this.#inFlight.get(sequence);
    if (!entry) return this.#answeredLate(sequence, answer);
    this.#forget(sequence, entry);
    this.#act(answer, entry);
    if (this.#ended) return;
    this.#options.metrics.set('relayer_frames_in_flight', this.#inFlight.size);
    if (this.#pause && this.#inFlight.size === 0 && !this.#timer) this.#resumeLater(this.#pause);
    this.pump();
  }

  #act(answer: FrameAnswer, { frame, sentAt }: InFlight): void {
    switch (answer.status) {
      case 'acknowledged':
        this.#options.metrics.observeAckLatency((performance.now() - sentAt) / 1000);
        this.#count(frame.sections);
        this.#countEarlier(frame.sequence);
        this.#options.queue.acknowledge(frame.sequence);
        // It was sent, so nothing holds its contents any more.
        this.#options.queue.recycle(frame);
        return this.#options.onProgress();
      case 'retry':
        return this.#pauseAt(frame, { afterMs: answer.afterMs });
      case 'refused':
        // Nothing is left to give up: sending it again would be answered alike, without end.
        if (frame.records === 0) return this.#closeFor(`frame ${frame.sequence} was refused with nothing in it`);
        return this.#pauseAt(frame, { afterMs: 0, refused: { frame, code: answer.code } });
      case 'gap':
        // Follows from an earlier pause, or else from a fault of the backend: not in a tight loop.
        return this.#pauseAt(frame, { afterMs: 1000 });
    }
  }

  /** The first answer of a pause decides: the others follow from it. */
  #pauseAt({ sequence }: Frame, pause: Pause): void {
    this.#pause ??= pause;
    this.#notStored = Math.min(this.#notStored, sequence);
  }

  /** A higher sequence was acknowledged, and this one with it. */
  #answeredLate(sequence: number, { status }: FrameAnswer): void {
    if (status === 'acknowledged') return;
    this.#closeFor(`frame ${sequence} was answered \`${status}\` after a higher one had been acknowledged`);
  }

  /** Nothing more is cut or released: what is not acknowledged stays in the queue. */
  #closeFor(detail: string): void {
    // An answer of a backend that contradicts itself is no reason to give anything up.
    this.#pause = undefined;
    this.end();
    this.#options.connection.close({ reason: 'protocol', detail });
  }

  /** An acknowledgement covers every lower sequence: the answers to those were lost. */
  #countEarlier(sequence: number): void {
    for (const [earlier, entry] of this.#inFlight) {
      if (earlier > sequence) return;
      this.#count(entry.frame.sections);
      this.#forget(earlier, entry);
    }
  }

  #forget(sequence: number, { frame }: InFlight): void {
    this.#inFlight.delete(sequence);
    this.#inFlightBytes -= frame.payload.length;
  }

  #resumeLater({ afterMs, refused }: Pause): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pause = undefined;
      this.#notStored = Number.POSITIVE_INFINITY;
      if (refused) this.#afterRefusal(refused);
      // Also what lies before it, if it was sent earlier and not acknowledged.
      this.#resend = this.#options.queue.outstanding();
      this.pump();
    }, afterMs);
  }

  /** Halves a frame of several records to find the one that is refused; gives up a single one. */
  #afterRefusal({ frame, code }: NonNullable<Pause['refused']>): void {
    const { queue, search, log } = this.#options;
    if (frame.records > 1) {
      queue.rewind(frame.sequence);
      return search.narrow(frame);
    }
    log.warnRarely('The backend refuses a request for ever: put into the dead-letter file', { code });
    this.#giveUp(frame, 'refused');
  }

  /** Its number is sent with nothing in it from now on, over later connections too. */
  #giveUp(frame: Frame, reason: 'refused' | 'too_large'): void {
    const { queue, metrics, log } = this.#options;
    for (const { signal, items } of frame.sections) metrics.add('relayer_dead_lettered_total', items, signal, reason);
    const problem = queue.giveUp(frame.sequence);
    if (problem === undefined) return;
    metrics.add('relayer_dead_letters_lost_total', 1);
    log.error('A dead-lettered request could not be written to the dead-letter file and is lost', { reason: problem });
  }

  /** Takes note of what the backend already has after a lost connection. */
  #settle(acknowledged: number): void {
    const { queue } = this.#options;
    for (const range of queue.outstanding()) {
      if (range.sequence > acknowledged) break;
      this.#count(queue.load(range).sections);
      // One by one: if the next can't be read just now, this one is not counted again.
      queue.acknowledge(range.sequence);
    }
  }

  #count(sections: readonly Section[]): void {
    for (const { signal, items } of sections) this.#options.metrics.add('relayer_otel_forwarded_total', items, signal);
  }

  /**
   * A lost answer never comes by itself: after a while the connection counts as dead. Not while
   * others come: over a slow link, or to a slow backend, a frame waits for those before it.
   */
  #checkAnswers(): void {
    const [oldest] = this.#inFlight.values();
    if (!oldest) return;
    const waitedMs = performance.now() - Math.max(oldest.sentAt, this.#answeredAt);
    if (waitedMs > this.#options.answerTimeoutMs)
      this.#options.connection.close({ reason: 'timeout', detail: 'a frame was not acknowledged in time' });
  }
}
