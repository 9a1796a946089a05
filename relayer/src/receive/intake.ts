import type { Metrics, Series } from '../observe/metrics.ts';
import type { Logger } from '../observe/logger.ts';
import { MAX_FRAME_BYTES } from '../protocol/frames.ts';
import { measureSplit } from '../protocol/request-units.ts';
import { countItems } from '../protocol/scan-request.ts';
import { SIGNALS, type Signal } from '../protocol/signal.ts';
import { RequestMemory } from './request-memory.ts';

/** What a sender is told. Both transports turn it into their own words. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** Bad input: the sender must not repeat it. */
  | { readonly kind: 'invalid'; readonly message: string; readonly grpcCode?: number }
  | { readonly kind: 'too_large' | 'unsupported'; readonly message: string }
  /** Passes by itself: the sender should repeat it after `retryAfterMs`. */
  | { readonly kind: 'full' | 'unavailable'; readonly message: string; readonly retryAfterMs: number };

export type Refusal = Exclude<Outcome, { kind: 'accepted' }>;

export type Transport = 'grpc' | 'http';

/** Where accepted requests go: the queue, seen from here. */
export interface Sink {
  offer(
    record: { signal: Signal; items: number; payload: Buffer },
    done: (outcome: 'stored' | 'full' | 'unwritable' | 'too_large') => void,
  ): void;
}

export interface IntakeOptions {
  readonly sink: Sink;
  readonly maxRequestBytes: number;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Uniform in [0, 1). Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * Requests being received may hold this many times the largest allowed request in memory: one that
 * is compressed or JSON is there twice while it is translated, and something is needed beside it.
 */
const IN_FLIGHT_REQUESTS = 2;
const BESIDE_REQUESTS_BYTES = 256 * 1024;

/** Splitting a request costs memory for each item, so that one of tens of millions of empty ones would end the process. */
const MAX_ITEMS = 500_000;
/** With their resources and scopes, which may have no items. */
const MAX_MESSAGES = 3 * MAX_ITEMS;

/**
 * What each part of a split request may repeat. It stays below the half of every part, so that the
 * parts together are never more than three times the request; a resource has some hundred bytes.
 */
const MAX_REPEATED_BYTES = 1600 * 1024;

const ACCEPTED: Outcome = { kind: 'accepted' };

/**
 * What gRPC and HTTP have in common: checks and counts a request, offers it to the queue, and
 * bounds the memory of requests that are still being received.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #received: Record<Signal, Series>;
  readonly #accepted: Record<Transport, Record<Signal, Series>>;
  /** Of requests that are being received. */
  readonly memory: RequestMemory;
  #stopping = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.memory = new RequestMemory(IN_FLIGHT_REQUESTS * options.maxRequestBytes + BESIDE_REQUESTS_BYTES);
    const perSignal = (make: (signal: Signal) => Series): Record<Signal, Series> =>
      Object.fromEntries(SIGNALS.map((signal) => [signal, make(signal)])) as Record<Signal, Series>;
    this.#received = perSignal((signal) => options.metrics.series('relayer_otel_received_total', signal));
    const accepted = (transport: Transport): Record<Signal, Series> =>
      perSignal((signal) => options.metrics.series('relayer_otel_requests_total', signal, transport, 'accepted'));
    this.#accepted = { grpc: accepted('grpc'), http: accepted('http') };
  }

  get maxRequestBytes(): number {
    return this.#options.maxRequestBytes;
  }

  /** From now on every request is told to try again, elsewhere. */
  refuseAll(): void {
    this.#stopping = true;
  }

  /** `done` is called exactly once; `accepted` means that the request is in the queue's file. */
  take(signal: Signal, transport: Transport, payload: Buffer, done: (outcome: Outcome) => void): void {
    const items = countItems(payload, signal);
    if (items < 0)
      return done(
        this.refuse(signal, transport, { kind: 'invalid', message: `not a serialized OTLP ${signal} export request` }),
      );
    const tooLarge = whyTooLarge(payload, items);
    if (tooLarge) return done(this.refuse(signal, transport, { kind: 'too_large', message: tooLarge }));
    if (this.#stopping) return done(this.refuse(signal, transport, this.unavailable('the relayer is stopping')));
    // Nothing to keep and nothing to lose.
    if (items === 0) return done(ACCEPTED);
    this.#options.sink.offer({ signal, items, payload }, (outcome) => {
      if (outcome === 'stored') {
        this.#received[signal].value += items;
        this.#accepted[transport][signal].value++;
        return done(ACCEPTED);
      }
      if (outcome === 'too_large') {
        const message = 'larger than the whole queue may be (QUEUE_MAX_BYTES)';
        return done(this.refuse(signal, transport, { kind: 'too_large', message }));
      }
      const full = outcome === 'full';
      const message = full ? 'the queue is full' : 'the queue can not be written';
      done(this.refuse(signal, transport, { ...this.unavailable(message), kind: full ? 'full' : 'unavailable' }));
    });
  }

  /** Counts and logs a refusal that a transport found by itself, and hands it back. */
  refuse(signal: Signal | 'unknown', transport: Transport, outcome: Refusal): Outcome {
    this.#options.metrics.add('relayer_otel_requests_total', 1, signal, transport, outcome.kind);
    this.#options.metrics.add('relayer_otel_refused_total', 1, outcome.kind);
    this.#options.log.warnRarely(`OTLP request refused: ${outcome.kind}`, {
      signal,
      transport,
      reason: outcome.message,
    });
    return outcome;
  }

  tooLarge(): Refusal {
    return {
      kind: 'too_large',
      message: `larger than ${this.#options.maxRequestBytes} bytes (OTLP_MAX_REQUEST_BYTES)`,
    };
  }

  /** Retryable, after 1 to 2 s at random so that refused senders don't return all at once. */
  unavailable(message: string): Extract<Outcome, { kind: 'full' | 'unavailable' }> {
    const random = this.#options.random ?? Math.random;
    return { kind: 'unavailable', message, retryAfterMs: 1000 + Math.floor(1000 * random()) };
  }
}

/** A request that could not be split within reason is refused while its sender can still be told. */
function whyTooLarge(payload: Buffer, items: number): string | undefined {
  if (items > MAX_ITEMS) return `more than ${MAX_ITEMS} items`;
  if (payload.length <= MAX_FRAME_BYTES || items === 0) return undefined;
  const { units, messages, repeatedBytes } = measureSplit(payload);
  if (units > MAX_ITEMS || messages > MAX_MESSAGES) return `more than ${MAX_ITEMS} items, scopes or resources`;
  if (repeatedBytes <= MAX_REPEATED_BYTES) return undefined;
  return `a resource and its scope have ${repeatedBytes} bytes of their own; ${MAX_REPEATED_BYTES} are allowed`;
}
