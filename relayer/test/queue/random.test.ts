import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DiskQueue, Frame } from '../../src/queue/disk-queue.ts';
import type { CutLimits } from '../../src/queue/frame-cutter.ts';
import { errorCodeOf } from '../../src/errors.ts';
import { faultyDisk } from '../fixtures/full-disk.ts';
import { RequestTemplate } from '../fixtures/otlp.ts';
import { afterCrash, cutAll, idsOf, newDirectory, offer, open, type Opened } from './set-up.ts';

const STEPS = 300;
const MAX_BYTES = 1 << 20;
const templates = [
  { items: 1, textBytes: 20 },
  { items: 5, textBytes: 100 },
  { items: 3, textBytes: 30_000 },
  { items: 2, textBytes: 300_000 },
].map((shape) => new RequestTemplate(shape));

/** A small generator of pseudo-random numbers: a failing seed fails again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Drives one queue through offers, deliveries, crashes and faults, and remembers what it owes. */
class Story {
  readonly stored = new Set<number>();
  readonly settled = new Set<number>();
  damagedRecords = 0;
  readonly #below: (below: number) => number;
  readonly #damagesFiles: boolean;
  #faulty = faultyDisk();
  #directory = newDirectory();
  #opened: Opened | undefined;
  #nextId = 1;

  constructor(seed: number, damagesFiles: boolean) {
    this.#below = randomFrom(seed);
    this.#damagesFiles = damagesFiles;
  }

  get #queue(): DiskQueue {
    if (!this.#opened) throw new Error('not open');
    return this.#opened.queue;
  }

  async run(): Promise<void> {
    await this.#open();
    for (let step = 0; step < STEPS; step++) {
      try {
        await this.#step();
      } catch (error) {
        // Descriptors, space: the window closes the connection and tries again later.
        if (!['EMFILE', 'ENOSPC'].includes(errorCodeOf(error))) throw error;
      }
    }
    await this.#restart(false);
    this.#settleAll();
    for (const id of cutAll(this.#queue)) this.settled.add(id);
    expect(this.#queue.isEmpty()).toBe(true);
    expect(await offer(this.#queue, this.#nextId)).toBe('stored');
    expect(cutAll(this.#queue)).toEqual([this.#nextId]);
    this.damagedRecords += this.#opened?.damage.records ?? 0;
    await this.#queue.stop();
  }

  async #step(): Promise<void> {
    const { faults } = this.#faulty;
    const kind = this.#below(100);
    if (kind < 50) return this.#offerSome();
    if (kind < 70) return void this.#queue.cut(this.#limits());
    if (kind < 85) return this.#acknowledgeSome();
    if (kind < 88) return this.#queue.rewind(this.#queue.acknowledged + 1 + this.#below(3));
    if (kind < 89) return this.#queue.beginEpoch();
    if (kind < 91) return this.#giveUpFirst();
    if (kind < 93) faults.noDescriptors = !faults.noDescriptors;
    else if (kind < 95) faults.freeBytes = this.#below(2) ? Number.POSITIVE_INFINITY : this.#below(200_000);
    else await this.#restart(this.#below(2) === 0);
  }

  async #offerSome(): Promise<void> {
    const outcomes: Promise<void>[] = [];
    for (let i = this.#below(5); i >= 0; i--) {
      const template = templates[this.#below(templates.length)] as RequestTemplate;
      const ids = Array.from({ length: template.items }, (_, k) => this.#nextId + k);
      this.#nextId += template.items;
      outcomes.push(
        offer(this.#queue, 0, template.make(ids[0] as number)).then((outcome) => {
          if (outcome === 'stored') ids.forEach((id) => this.stored.add(id));
        }),
      );
    }
    await Promise.all(outcomes);
  }

  #limits(): CutLimits {
    const maxBytes = 1000 + this.#below(500_000);
    return { maxBytes, targetBytes: 1 + this.#below(100_000), maxRecords: 1 + this.#below(20) };
  }

  #load(sequence: number): Frame {
    const range = this.#queue.outstanding().find((frame) => frame.sequence === sequence);
    if (!range) throw new Error('no such frame');
    return this.#queue.load(range);
  }

  #acknowledgeSome(): void {
    const sequences = this.#queue.outstanding().map(({ sequence }) => sequence);
    for (const sequence of sequences.slice(0, this.#below(4))) {
      for (const id of idsOf(this.#load(sequence))) this.settled.add(id);
      this.#queue.acknowledge(sequence);
    }
  }

  #settleAll(): void {
    for (const range of this.#queue.outstanding()) {
      for (const id of idsOf(this.#queue.load(range))) this.settled.add(id);
      this.#queue.acknowledge(range.sequence);
    }
  }

  #giveUpFirst(): void {
    const [first] = this.#queue.outstanding();
    if (!first) return;
    const frame = this.#queue.load(first);
    this.#queue.giveUp(frame.sequence);
    for (const id of idsOf(frame)) this.settled.add(id);
    expect(this.#queue.load(first).records).toBe(0);
  }

  async #restart(isCrash: boolean): Promise<void> {
    this.damagedRecords += this.#opened?.damage.records ?? 0;
    const before = isCrash ? afterCrash(this.#directory) : this.#directory;
    await this.#queue.stop();
    this.#directory = before;
    if (this.#damagesFiles && this.#below(3) === 0) this.#damage();
    this.#faulty = faultyDisk();
    await this.#open();
  }

  async #open(): Promise<void> {
    this.#opened = await open(this.#directory, { disk: this.#faulty.disk, maxBytes: MAX_BYTES });
    expect(this.#queue.writable).toBe(true);
  }

  /** Overwrites, cuts off or lengthens some file. */
  #damage(): void {
    const names = readdirSync(this.#directory).filter((name) => !name.startsWith('lock-'));
    const path = join(this.#directory, names[this.#below(names.length)] as string);
    const bytes = readFileSync(path);
    const at = this.#below(bytes.length);
    const length = this.#below(Math.min(5000, bytes.length - at));
    const noise = Buffer.from(Array.from({ length }, () => this.#below(256)));
    const kind = this.#below(3);
    if (kind === 0) noise.copy(bytes, at);
    writeFileSync(path, kind === 1 ? bytes.subarray(0, at) : kind === 2 ? Buffer.concat([bytes, noise]) : bytes);
  }
}

const seeds = Array.from({ length: Number(process.env['QUEUE_SEEDS'] ?? 6) }, (_, i) => 1000 + i);

test.each(seeds)(
  'seed %i: nothing that was stored is missing after crashes, rewinds, full disks and want of descriptors',
  async (seed) => {
    const story = new Story(seed, false);
    await story.run();
    expect([...story.stored].filter((id) => !story.settled.has(id))).toEqual([]);
    expect(story.stored.size).toBeGreaterThan(50);
    expect(story.damagedRecords).toBe(0);
  },
);

test.each(seeds)('seed %i: files damaged between restarts stop nothing', async (seed) => {
  const story = new Story(seed, true);
  await story.run();
  expect(story.settled.size).toBeGreaterThan(story.stored.size / 10);
});
