/** The label names of each metric are fixed here; `add` and `set` take their values in this order. */
interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** Every metric of the relayer. The table in README.md is printed from here. */
export const METRICS: Readonly<Record<MetricName, MetricDefinition>> = {
  relayer_backend_connected: {
    type: 'gauge',
    labels: [],
    help: '1 while connected to the backend and greeted by it, else 0',
  },
  relayer_otel_received_total: {
    type: 'counter',
    labels: ['signal'],
    help: 'Items (spans, log records, data points) accepted: they are in the queue file',
  },
  relayer_otel_forwarded_total: { type: 'counter', labels: ['signal'], help: 'Items the backend has acknowledged' },
  relayer_otel_requests_total: {
    type: 'counter',
    labels: ['signal', 'transport', 'outcome'],
    help: 'OTLP requests by signal, transport (grpc, http) and outcome (accepted, invalid, too_large, unsupported, full, unavailable)',
  },
  relayer_otel_refused_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'OTLP requests refused: `full` and `unavailable` are retried by the sender, the others are bad input',
  },
  relayer_reconnections_total: { type: 'counter', labels: [], help: 'Connection attempts after the first one' },
  relayer_connection_failures_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Failed attempts and lost connections by reason (network, refused, timeout, protocol, closed, configuration, queue)',
  },
  relayer_circuit_breaker_state: { type: 'gauge', labels: [], help: '0 closed, 1 half-open, 2 open' },
  relayer_queue_bytes: { type: 'gauge', labels: [], help: 'Bytes waiting in the queue for an acknowledgement' },
  relayer_queue_disk_bytes: { type: 'gauge', labels: [], help: 'Bytes of the queue’s segment files' },
  relayer_queue_max_bytes: { type: 'gauge', labels: [], help: 'Bound of the queue (QUEUE_MAX_BYTES)' },
  relayer_queue_oldest_age_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Age of the oldest request that waits for an acknowledgement; 0 when none does',
  },
  relayer_queue_writable: {
    type: 'gauge',
    labels: [],
    help: '1 while the queue can be written, else 0 (disk full, no file descriptor)',
  },
  relayer_queue_damaged_records_total: {
    type: 'counter',
    labels: [],
    help: 'Records found torn or corrupt and skipped',
  },
  relayer_queue_damaged_bytes_total: { type: 'counter', labels: [], help: 'Bytes skipped as torn or corrupt' },
  relayer_queue_files_deleted_total: {
    type: 'counter',
    labels: [],
    help: 'Files of the queue that somebody else deleted while they were open',
  },
  relayer_dead_lettered_total: {
    type: 'counter',
    labels: ['signal', 'reason'],
    help: 'Items given up: the backend refuses them for ever (refused) or one is larger than it takes (too_large)',
  },
  relayer_dead_letters_lost_total: {
    type: 'counter',
    labels: [],
    help: 'Dead-lettered requests that could not be written to the dead-letter file',
  },
  relayer_frames_sent_total: {
    type: 'counter',
    labels: [],
    help: 'Frames sent to the backend, including repeated ones',
  },
  relayer_frames_resent_total: {
    type: 'counter',
    labels: [],
    help: 'Frames sent again because their acknowledgement did not come',
  },
  relayer_frames_in_flight: { type: 'gauge', labels: [], help: 'Frames sent and not yet acknowledged' },
  relayer_ack_latency_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from sending a frame to its acknowledgement',
  },
  process_resident_memory_bytes: { type: 'gauge', labels: [], help: 'Resident memory' },
  process_cpu_seconds_total: { type: 'counter', labels: [], help: 'User and system CPU time' },
  process_start_time_seconds: { type: 'gauge', labels: [], help: 'Start time, Unix seconds' },
};

export type MetricName =
  | 'relayer_backend_connected'
  | 'relayer_otel_received_total'
  | 'relayer_otel_forwarded_total'
  | 'relayer_otel_requests_total'
  | 'relayer_otel_refused_total'
  | 'relayer_reconnections_total'
  | 'relayer_connection_failures_total'
  | 'relayer_circuit_breaker_state'
  | 'relayer_queue_bytes'
  | 'relayer_queue_disk_bytes'
  | 'relayer_queue_max_bytes'
  | 'relayer_queue_oldest_age_seconds'
  | 'relayer_queue_writable'
  | 'relayer_queue_damaged_records_total'
  | 'relayer_queue_damaged_bytes_total'
  | 'relayer_queue_files_deleted_total'
  | 'relayer_dead_lettered_total'
  | 'relayer_dead_letters_lost_total'
  | 'relayer_frames_sent_total'
  | 'relayer_frames_resent_total'
  | 'relayer_frames_in_flight'
  | 'relayer_ack_latency_seconds'
  | 'process_resident_memory_bytes'
  | 'process_cpu_seconds_total'
  | 'process_start_time_seconds';

/** Upper bounds in seconds of the histogram's buckets. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One time series. Hot paths keep it and add to `value`. */
export interface Series {
  value: number;
}

/** Holds the values and prints them in Prometheus' text format. */
export class Metrics {
  readonly #series = new Map<MetricName, Map<string, Series>>();
  readonly #buckets: number[] = BUCKETS.map(() => 0);
  #observed = 0;
  #observedSum = 0;
  readonly #beforePrint: (() => void)[] = [];

  constructor() {
    for (const [name, { labels }] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
      this.#series.set(name, new Map());
      // A series without labels exists from the start, so that an alert on it sees 0 and not nothing.
      if (labels.length === 0) this.series(name);
    }
  }

  /** @param values in the order of the definition's `labels`. */
  series(name: MetricName, ...values: readonly string[]): Series {
    const key = METRICS[name].labels.map((label, i) => `${label}="${values[i] ?? ''}"`).join(',');
    const family = this.#series.get(name);
    if (!family) throw new TypeError(`no metric ${name}`);
    let series = family.get(key);
    if (!series) family.set(key, (series = { value: 0 }));
    return series;
  }

  add(name: MetricName, amount: number, ...values: readonly string[]): void {
    this.series(name, ...values).value += amount;
  }

  set(name: MetricName, value: number): void {
    this.series(name).value = value;
  }

  /** Adds to `relayer_ack_latency_seconds`. */
  observeAckLatency(seconds: number): void {
    this.#observed++;
    this.#observedSum += seconds;
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  /** Registers what must be read anew for each scrape. */
  beforePrint(update: () => void): void {
    this.#beforePrint.push(update);
  }

  print(): string {
    for (const update of this.#beforePrint) update();
    const lines: string[] = [];
    for (const [name, { type, help }] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      if (type === 'histogram') lines.push(...this.#histogramLines(name));
      else {
        for (const [labels, { value }] of this.#series.get(name) ?? []) {
          lines.push(`${name}${labels && `{${labels}}`} ${value}`);
        }
      }
    }
    return `${lines.join('\n')}\n`;
  }

  #histogramLines(name: MetricName): string[] {
    let total = 0;
    const lines = BUCKETS.map((bound, i) => `${name}_bucket{le="${bound}"} ${(total += this.#buckets[i] ?? 0)}`);
    return [
      ...lines,
      `${name}_bucket{le="+Inf"} ${this.#observed}`,
      `${name}_sum ${this.#observedSum}`,
      `${name}_count ${this.#observed}`,
    ];
  }
}
