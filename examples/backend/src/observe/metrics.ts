/** Every metric of the backend: type, labels and meaning. README.md's table is held to this one. */
export const METRICS = {
  backend_frames_total: [
    'counter',
    ['answer'],
    'Frames by answer (acknowledged, duplicate, retry, refused, gap, superseded, malformed)',
  ],
  backend_items_stored_total: ['counter', ['signal'], 'Spans, log records and data points in committed transactions'],
  backend_bytes_stored_total: ['counter', [], 'Payload bytes of frames in committed transactions'],
  backend_store_seconds: ['summary', [], 'Time of the transactions that store frames'],
  backend_waiting_frames: ['gauge', [], 'Frames that wait to be stored'],
  backend_waiting_bytes: ['gauge', [], 'Bytes of the frames that wait to be stored'],
  backend_relayers_connected: ['gauge', [], 'Relayers connected to this node'],
  backend_viewers_connected: ['gauge', [], 'Pages connected to this node'],
  backend_refused_total: ['counter', ['reason'], 'Connections and requests refused, by reason'],
  backend_registrations_total: ['counter', ['outcome'], 'Registrations by outcome'],
  backend_database_errors_total: ['counter', [], 'Statements and transactions that failed'],
  backend_expired_rows_total: ['counter', [], 'Rows deleted because they were older than the retention'],
} as const;

export type MetricName = keyof typeof METRICS;

/** Counters and gauges in Prometheus' text format. */
export class Metrics {
  readonly #values = new Map<MetricName, Map<string, number>>();
  readonly #sums = new Map<MetricName, number>();

  /** @param label value of the metric's only label */
  add(name: MetricName, amount = 1, label = ''): void {
    this.set(name, this.get(name, label) + amount, label);
  }

  set(name: MetricName, value: number, label = ''): void {
    const series = this.#values.get(name) ?? new Map<string, number>();
    this.#values.set(name, series.set(label, value));
  }

  get(name: MetricName, label = ''): number {
    return this.#values.get(name)?.get(label) ?? 0;
  }

  /** Adds one observation of a summary. */
  observe(name: MetricName, value: number): void {
    this.add(name);
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + value);
  }

  print(): string {
    return (Object.keys(METRICS) as MetricName[]).map((name) => this.#printOne(name)).join('');
  }

  #printOne(name: MetricName): string {
    const [type, labels, help] = METRICS[name];
    const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    if (type === 'summary') return `${head}${name}_sum ${this.#sums.get(name) ?? 0}\n${name}_count ${this.get(name)}\n`;
    const series = this.#values.get(name) ?? new Map<string, number>();
    if (labels.length === 0) return `${head}${name} ${series.get('') ?? 0}\n`;
    return head + [...series].map(([label, value]) => `${name}{${labels[0]}="${label}"} ${value}\n`).join('');
  }
}
