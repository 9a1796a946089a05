import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { OfferOutcome } from '../../src/queue/appender.ts';
import { DiskQueue, type Frame } from '../../src/queue/disk-queue.ts';
import type { QueueOptions } from '../../src/queue/queue-options.ts';
import type { CutLimits } from '../../src/queue/frame-cutter.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';

export const LIMITS: CutLimits = { maxBytes: 1 << 20, targetBytes: 1 << 16, maxRecords: Number.POSITIVE_INFINITY };
export const template: RequestTemplate = new RequestTemplate({ items: 1, textBytes: 20 });
const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'relayer-queue-'));
  cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** What a process that was killed just now leaves behind. Its lock is dead; a socket can't be copied. */
export function afterCrash(directory: string): string {
  const copy = newDirectory();
  for (const name of readdirSync(directory).filter((file) => !file.startsWith('lock-')))
    cpSync(join(directory, name), join(copy, name), { recursive: true });
  return copy;
}

export interface Opened {
  readonly queue: DiskQueue;
  readonly oddities: string[];
  readonly damage: { records: number; bytes: number };
  readonly writable: boolean[];
}

export async function open(directory: string, options: Partial<QueueOptions> = {}): Promise<Opened> {
  const damage = { records: 0, bytes: 0 };
  const writable: boolean[] = [];
  const oddities: string[] = [];
  const queue = new DiskQueue({
    directory,
    maxBytes: 16 << 20,
    fsync: false,
    onDamage: ({ records, bytes }) => {
      damage.records += records;
      damage.bytes += bytes;
    },
    onWritable: (now) => writable.push(now),
    onOddity: (message, details) => oddities.push(`${message} ${JSON.stringify(details)}`),
    ...options,
  });
  await queue.start();
  cleanUps.push(() => queue.stop());
  return { queue, damage, writable, oddities };
}

export function offer(queue: DiskQueue, id: number, payload: Buffer = template.make(id)): Promise<OfferOutcome> {
  return new Promise((resolve) => queue.offer({ signal: 'traces', items: 1, payload }, resolve));
}

export function idsOf(frame: Frame | undefined): number[] {
  return [...(frame?.payload.toString('latin1') ?? '').matchAll(/id:(\d+);/g)].map((match) => Number(match[1]));
}

export function cutAll(queue: DiskQueue, limits = LIMITS): number[] {
  const ids: number[] = [];
  for (let frame = queue.cut(limits); frame; frame = queue.cut(limits)) {
    ids.push(...idsOf(frame));
    queue.acknowledge(frame.sequence);
  }
  return ids;
}

export const range: (from: number, to: number) => number[] = (from, to) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
