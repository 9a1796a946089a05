import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Pulse } from '../src/viewers/views.ts';
import { formatCount } from './format.ts';
import { html } from './html.ts';

const SECONDS = 120;

/** Sums the pulses of all nodes, second by second. */
export class ThroughputHistory {
  readonly #seconds = new Map<number, { spans: number; logs: number }>();
  readonly #latest = new Map<string, Pulse>();

  add(pulse: Pulse): void {
    const second = Math.floor(pulse.atMs / 1_000);
    const sum = this.#seconds.get(second) ?? { spans: 0, logs: 0 };
    const scale = 1_000 / Math.max(pulse.intervalMs, 1);
    this.#seconds.set(second, { spans: sum.spans + pulse.spans * scale, logs: sum.logs + pulse.logs * scale });
    this.#latest.set(pulse.node, pulse);
    for (const key of this.#seconds.keys()) if (key < second - SECONDS) this.#seconds.delete(key);
    for (const [node, { atMs }] of this.#latest) if (pulse.atMs - atMs > 5_000) this.#latest.delete(node);
  }

  /** Seconds, spans a second, logs a second. */
  series(): [number[], number[], number[]] {
    const keys = [...this.#seconds.keys()].toSorted((a, b) => a - b);
    return [
      keys,
      keys.map((key) => this.#seconds.get(key)?.spans ?? 0),
      keys.map((key) => this.#seconds.get(key)?.logs ?? 0),
    ];
  }

  /** Over all nodes; a node that is silent for 5 s no longer counts. */
  now(): {
    spans: number;
    logs: number;
    points: number;
    waitingFrames: number;
    waitingBytes: number;
    queue: number | null;
    nodes: string[];
  } {
    const pulses = [...this.#latest.values()];
    const sum = (of: (pulse: Pulse) => number): number => pulses.reduce((total, pulse) => total + of(pulse), 0);
    const rate = (of: (pulse: Pulse) => number): number =>
      sum((pulse) => (of(pulse) * 1_000) / Math.max(pulse.intervalMs, 1));
    const queues = pulses.map(({ relayerQueueBytes }) => relayerQueueBytes).filter((bytes) => bytes !== null);
    return {
      spans: rate(({ spans }) => spans),
      logs: rate(({ logs }) => logs),
      points: rate(({ points }) => points),
      waitingFrames: sum(({ waitingFrames }) => waitingFrames),
      waitingBytes: sum(({ waitingBytes }) => waitingBytes),
      // Every node reads the same relayers.
      queue: queues.length === 0 ? null : Math.max(...queues),
      nodes: pulses.map(({ node }) => node),
    };
  }
}

/** @param version changes when there is something new to draw */
export function ThroughputChart({ history, version }: { history: ThroughputHistory; version: number }): VNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    plot.current = new uPlot(options(element.clientWidth), history.series(), element);
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [history]);
  useEffect(() => plot.current?.setData(history.series()), [version]);
  return html`<div
    class="chart"
    ref=${box}
    role="img"
    aria-label="Spans and log records a second, last two minutes"
  ></div>`;
}

const HEIGHT = 84;

function options(width: number): uPlot.Options {
  const color = (name: string) => () => resolveColor(name);
  const axis = { stroke: color('--muted'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    cursor: { show: false },
    legend: { show: false },
    padding: [8, 8, 0, 0],
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 1)] } },
    axes: [
      { ...axis, size: 22, space: 80 },
      { ...axis, size: 44, space: 24, values: (_plot, values) => values.map((value) => formatCount(value)) },
    ],
    series: [
      {},
      { label: 'spans/s', stroke: color('--accent'), width: 2, fill: color('--accent-faint'), points: { show: false } },
      { label: 'logs/s', stroke: color('--second'), width: 1.5, points: { show: false } },
    ],
  };
}

/** The colour of a custom property as it is shown now: a canvas knows neither variables nor light-dark(). */
function resolveColor(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
