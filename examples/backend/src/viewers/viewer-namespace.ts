import type { Namespace, Server, Socket } from 'socket.io';
import { clientAddress } from '../client-address.ts';
import { describeError } from '../errors.ts';
import type { FailureLimit } from '../failure-limit.ts';
import type { Logger } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import { isSame } from '../relayers/cluster-api.ts';
import type { TelemetryRows } from '../telemetry/rows.ts';
import type { TelemetryQueries } from './telemetry-queries.ts';
import type { LogFilter, Overview, Pulse, SpanKey, TraceFilter } from './views.ts';

export interface ViewerNamespaceOptions {
  readonly io: Server;
  readonly queries: TelemetryQueries;
  readonly accessToken: string;
  readonly node: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly failures: FailureLimit;
  readonly clientAddressHeader: string | undefined;
  readonly waiting: () => { readonly frames: number; readonly bytes: number };
  readonly relayerQueueBytes: () => number | null;
  /** False while other nodes can't be reached: what is only for them is then not said. */
  readonly reachesOthers: () => boolean;
}

const PULSE_MS = 1_000;
const OVERVIEW_MS = 1_000;
const MAX_CONCURRENT_REQUESTS = 8;
const MAX_TRACES_NAMED = 200;

/** The page's side: one access token, requests with acknowledgements, and a pulse a second. */
export class ViewerNamespace {
  readonly #options: ViewerNamespaceOptions;
  readonly #namespace: Namespace;
  readonly #stored = { spans: 0, logs: 0, points: 0 };
  readonly #changedTraces = new Set<string>();
  #overview: { at: number; value: Promise<Overview> } | undefined;
  #lastPulse = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ViewerNamespaceOptions) {
    this.#options = options;
    this.#namespace = options.io.of('/viewer');
    this.#namespace.use((socket, next) => next(this.#authenticate(socket)));
    this.#namespace.on('connection', (socket) => this.#onConnection(socket));
    // From another node: for the pages that are connected here.
    this.#namespace.on('pulse', (pulse: Pulse, traces: string[]) => this.#sendPulse(pulse, traces));
  }

  start(): void {
    this.#timer = setInterval(() => this.#beat(), PULSE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#namespace.local.disconnectSockets(true);
  }

  /** Notes what was committed; pages hear of it with the next pulse. */
  note({ spans, logs, points }: TelemetryRows): void {
    this.#stored.spans += spans.length;
    this.#stored.logs += logs.length;
    this.#stored.points += points.length;
    for (const { trace_id: id } of spans) this.#changedTraces.add(id);
    for (const { trace_id: id } of logs) if (id) this.#changedTraces.add(id);
  }

  #authenticate(socket: Socket): Error | undefined {
    const { metrics, failures, clientAddressHeader, accessToken } = this.#options;
    const { token } = socket.handshake.auth as { token?: unknown };
    const address = clientAddress(socket.request, clientAddressHeader);
    // One connection may try again and again.
    const isRefused = failures.isRefused(address);
    if (!isRefused && typeof token === 'string' && isSame(token, accessToken)) return undefined;
    failures.note(address);
    metrics.add('backend_refused_total', 1, isRefused ? 'too_many_failures' : 'viewer_unauthorized');
    const code = isRefused ? 'too_many_failures' : 'unauthorized';
    return Object.assign(new Error(code), { data: { code } });
  }

  #beat(): void {
    const { node, waiting, relayerQueueBytes, reachesOthers, metrics } = this.#options;
    // Of a clock that does not jump: rates are made of it.
    const now = performance.now();
    const { frames, bytes } = waiting();
    const pulse: Pulse = {
      node,
      atMs: Date.now(),
      ...this.#stored,
      intervalMs: now - this.#lastPulse,
      waitingFrames: frames,
      waitingBytes: bytes,
      relayerQueueBytes: relayerQueueBytes(),
      changedTraces: this.#changedTraces.size,
    };
    const traces = [...this.#changedTraces].slice(-MAX_TRACES_NAMED);
    this.#lastPulse = now;
    Object.assign(this.#stored, { spans: 0, logs: 0, points: 0 });
    this.#changedTraces.clear();
    metrics.set('backend_waiting_frames', frames);
    metrics.set('backend_waiting_bytes', bytes);
    metrics.set('backend_viewers_connected', this.#namespace.sockets.size);
    this.#sendPulse(pulse, traces);
    if (reachesOthers()) this.#namespace.serverSideEmit('pulse', pulse, traces);
  }

  #sendPulse(pulse: Pulse, traces: readonly string[]): void {
    this.#namespace.local.emit('pulse', pulse, traces);
  }

  #onConnection(socket: Socket): void {
    const { queries } = this.#options;
    let running = 0;
    const on = (event: string, run: (input: Record<string, unknown>) => Promise<unknown>): void => {
      socket.on(event, async (input: unknown, answer: unknown) => {
        if (typeof answer !== 'function') return;
        const reply = answer as (value: unknown) => void;
        if (running >= MAX_CONCURRENT_REQUESTS) return reply({ error: 'busy' });
        running++;
        try {
          reply({ value: (await run(isRecord(input) ? input : {})) ?? null });
        } catch (error) {
          this.#options.metrics.add('backend_database_errors_total');
          this.#options.log.warnRarely('A request of a page failed', { event, error: describeError(error) });
          reply({ error: 'unavailable' });
        } finally {
          running--;
        }
      });
    };
    on('overview', () => this.#cachedOverview());
    on('traces', (input) => queries.traces(toTraceFilter(input)));
    on('spans', (input) => queries.spans(toText(input['clusterId']) ?? '', toText(input['traceId']) ?? ''));
    on('span', (input) => queries.span(toSpanKey(input)));
    on('spanText', (input) =>
      queries.spanText(
        toSpanKey(input),
        input['column'] === 'prompt' ? 'prompt' : 'completion',
        Math.min(Math.max(Math.trunc(Number(input['offset'])) || 0, 0), 1_000_000_000),
      ),
    );
    on('logs', (input) => queries.logs(toLogFilter(input)));
  }

  /** All pages ask for the same: one query a second is enough. */
  #cachedOverview(): Promise<Overview> {
    const now = performance.now();
    if (!this.#overview || now - this.#overview.at > OVERVIEW_MS) {
      this.#overview = { at: now, value: this.#options.queries.overview() };
      this.#overview.value.catch(() => (this.#overview = undefined));
    }
    return this.#overview.value;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Undefined unless it is a text that PostgreSQL takes. */
function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 1_000 && !value.includes('\0') ? value : undefined;
}

function toTraceFilter(input: Record<string, unknown>): TraceFilter {
  const after = toText(input['after']);
  return {
    text: toText(input['text']),
    clusterId: toText(input['clusterId']),
    agent: toText(input['agent']),
    errorsOnly: input['errorsOnly'] === true,
    after: after !== undefined && /^\d{1,19}\//.test(after) ? after : undefined,
    limit: Number(input['limit'] ?? 50),
  };
}

function toLogFilter(input: Record<string, unknown>): LogFilter {
  return {
    clusterId: toText(input['clusterId']),
    traceId: toText(input['traceId']),
    text: toText(input['text']),
    limit: Number(input['limit'] ?? 100),
  };
}

function toSpanKey(input: Record<string, unknown>): SpanKey {
  return {
    clusterId: toText(input['clusterId']) ?? '',
    traceId: toText(input['traceId']) ?? '',
    spanId: toText(input['spanId']) ?? '',
  };
}
