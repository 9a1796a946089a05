import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countItems } from '../../src/protocol/scan-request.ts';
import { SIGNALS, type Signal } from '../../src/protocol/signal.ts';
import { findUnits, measureSplit } from '../../src/protocol/request-units.ts';
import { takePart, takeRange } from '../../src/protocol/split-request.ts';
import { fieldHead } from '../../src/protocol/wire.ts';
import { itemJson, requestJson } from '../fixtures/otlp.ts';
import { otlpRoot } from '../fixtures/otlp-types.ts';

const root = otlpRoot();

interface Shape {
  readonly signal: Signal;
  /** Items per scope, scopes per resource. */
  readonly resources: readonly (readonly number[])[];
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  signal: fc.constantFrom(...SIGNALS),
  resources: fc.array(fc.array(fc.nat(6), { maxLength: 3 }), { maxLength: 4 }),
});

function encode({ signal, resources }: Shape): { bytes: Buffer; ids: number[] } {
  let id = 0;
  const ids: number[] = [];
  const keys = {
    traces: ['resourceSpans', 'scopeSpans', 'spans'],
    logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
    metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  }[signal];
  const [outer, middle, inner] = keys as [string, string, string];
  const scopes = resources.map((counts, r) => ({
    resource: { attributes: [{ key: 'r', value: { stringValue: `resource ${r}` } }] },
    schemaUrl: 'https://schema',
    [middle]: counts.map((count, s) => ({
      scope: { name: `scope ${s}` },
      [inner]: Array.from({ length: count }, () => {
        ids.push(++id);
        return itemJson(signal, id, id % 50);
      }),
    })),
  }));
  const type = root.lookupType(signal);
  return {
    bytes: Buffer.from(type.encode(type.fromObject(toProtobufJs({ [outer]: scopes }) as object)).finish()),
    ids,
  };
}

/** protobufjs wants bytes where OTLP/JSON has hexadecimal text. */
function toProtobufJs(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((element) => toProtobufJs(element));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toProtobufJs(member, name)]));
  return key === 'traceId' || key === 'spanId' ? Buffer.from(value as string, 'hex') : value;
}

function idsIn(bytes: Buffer): number[] {
  return [...bytes.toString('latin1').matchAll(/id:(\d+);/g)].map((match) => Number(match[1]));
}

test('counts what protobufjs decodes', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { bytes, ids } = encode(shape);
      expect(countItems(bytes, shape.signal)).toBe(ids.length);
    }),
    { numRuns: 200 },
  );
});

test('counts every data point of every kind of metric', () => {
  const type = root.lookupType('metrics');
  const metrics = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].map((kind) => ({
    name: kind,
    [kind]: { dataPoints: [{}, {}, {}] },
  }));
  const bytes = Buffer.from(
    type.encode(type.fromObject(requestJson('metrics', [...metrics, { name: 'without data' }]))).finish(),
  );
  expect(countItems(bytes, 'metrics')).toBe(15);
});

test('two serialized requests, one behind the other, are one request', () => {
  fc.assert(
    fc.property(shapes, shapes, (a, b) => {
      const [first, second] = [encode(a), encode({ ...b, signal: a.signal })];
      expect(countItems(Buffer.concat([first.bytes, second.bytes]), a.signal)).toBe(
        first.ids.length + second.ids.length,
      );
    }),
    { numRuns: 50 },
  );
});

test('never answers a count for a cut-off request, nor throws for any bytes', () => {
  fc.assert(
    fc.property(shapes, fc.double({ min: 0, max: 1, noNaN: true }), (shape, where) => {
      const { bytes } = encode(shape);
      const cut = bytes.subarray(0, Math.floor(bytes.length * where));
      const count = countItems(cut, shape.signal);
      // Between two resources a cut leaves a whole request.
      if (count >= 0) expect(() => root.lookupType(shape.signal).decode(cut)).not.toThrow();
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(...SIGNALS),
      (bytes, signal) => countItems(Buffer.from(bytes), signal) >= -1,
    ),
    { numRuns: 2000 },
  );
});

test('parts have all items once and in order, are valid, keep resource and scope, and obey the limit', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 50, max: 3000 }), (shape, maxBytes) => {
      const { bytes, ids } = encode(shape);
      const found: number[] = [];
      let from = 0;
      for (
        let part = takePart(bytes, shape.signal, 0, maxBytes);
        part;
        part = takePart(bytes, shape.signal, from, maxBytes)
      ) {
        expect(part.items).toBe(part.to - part.from);
        expect(part.bytes.length <= maxBytes || (part.oversize && part.items === 1)).toBe(true);
        expect(takeRange(bytes, shape.signal, part.from, part.to).bytes).toEqual(part.bytes);
        const decoded = root
          .lookupType(shape.signal)
          .toObject(root.lookupType(shape.signal).decode(part.bytes), { longs: String, bytes: String });
        expect(JSON.stringify(decoded)).toContain('resource ');
        expect(JSON.stringify(decoded)).toContain('https://schema');
        found.push(...idsIn(part.bytes));
        from = part.to;
      }
      expect(found).toEqual(ids);
    }),
    { numRuns: 200 },
  );
});

test('a request of 100,000 scopes is split in a moment', () => {
  const signal = 'traces';
  const { bytes } = encode({ signal, resources: [Array(1000).fill(1) as number[]] });
  const many = Buffer.concat(Array(100).fill(bytes) as Buffer[]);
  const begin = performance.now();
  let parts = 0;
  for (let part = takePart(many, signal, 0, 1 << 20); part; part = takePart(many, signal, part.to, 1 << 20)) parts++;
  expect(parts).toBeGreaterThan(10);
  expect(performance.now() - begin).toBeLessThan(5_000);
});

test('a request of 150,000 small spans is split', () => {
  const span = Buffer.from([
    0x12,
    30,
    0x0a,
    16,
    ...Array.from({ length: 16 }, () => 1),
    0x12,
    10,
    ...Array.from({ length: 10 }, () => 2),
  ]);
  const spans = Buffer.concat(Array.from({ length: 150_000 }, () => span));
  const scope = Buffer.concat([fieldHead(2, spans.length), spans]);
  const request = Buffer.concat([fieldHead(1, scope.length), scope]);
  expect(countItems(request, 'traces')).toBe(150_000);
  const part = takePart(request, 'traces', 0, 4 * 2 ** 20);
  expect(part?.items).toBeGreaterThan(100_000);
});

/** A request of one resource with `scopes` scopes of `units` empty units each. */
function request(own: { resource: number; scope: number }, scopes: number, units: number): Buffer {
  const wrap = (field: number, bytes: Buffer): Buffer => Buffer.concat([fieldHead(field, bytes.length), bytes]);
  const filler = (bytes: number): Buffer => (bytes === 0 ? Buffer.alloc(0) : wrap(1, Buffer.alloc(bytes)));
  const scope = wrap(2, Buffer.concat([filler(own.scope), Buffer.alloc(2 * units, Buffer.from([0x12, 0]))]));
  return wrap(1, Buffer.concat([filler(own.resource), ...(Array(scopes).fill(scope) as Buffer[])]));
}

test('what splitting costs: units, messages, and what each part repeats', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { bytes, ids } = encode(shape);
      const { units, messages } = measureSplit(bytes);
      expect(units).toBe(ids.length);
      expect(messages).toBe(ids.length + shape.resources.length + shape.resources.flat().length);
    }),
    { numRuns: 100 },
  );
  expect(measureSplit(request({ resource: 1000, scope: 0 }, 1, 1)).repeatedBytes).toBe(0);
  expect(measureSplit(request({ resource: 1000, scope: 0 }, 1, 2)).repeatedBytes).toBe(1003);
  expect(measureSplit(request({ resource: 1000, scope: 500 }, 2, 1)).repeatedBytes).toBe(1506);
});

test('parts of a request with a large resource are together at most three times the request', () => {
  const own = { resource: 300 * 1024, scope: 90 * 1024 };
  const bytes = request(own, 5, 100_000);
  const maxBytes = 998_976;
  let [total, from] = [0, 0];
  for (let part = takePart(bytes, 'traces', from, maxBytes); part; part = takePart(bytes, 'traces', from, maxBytes)) {
    expect(part.bytes.length).toBeLessThanOrEqual(maxBytes);
    total += part.bytes.length;
    from = part.to;
  }
  expect(from).toBe(500_000);
  expect(total).toBeLessThan(3 * bytes.length);
});

test('memory for splitting 500,000 units is a few bytes each, also when each has a scope of its own', () => {
  const heapBytes = (make: () => unknown): number => {
    const before = process.memoryUsage().heapUsed;
    const kept = make();
    const bytes = process.memoryUsage().heapUsed - before;
    expect(kept).toBeDefined();
    return bytes;
  };
  const inOne = request({ resource: 10, scope: 10 }, 1, 500_000);
  const inMany = request({ resource: 10, scope: 0 }, 500_000, 1);
  expect(heapBytes(() => findUnits(inOne))).toBeLessThan(30 * 2 ** 20);
  expect(heapBytes(() => findUnits(inMany))).toBeLessThan(80 * 2 ** 20);
  // Those without units, which may be millions, take nothing.
  const empty = Buffer.alloc(20 * 2 ** 20, Buffer.from([0x0a, 0]));
  expect(heapBytes(() => findUnits(empty))).toBeLessThan(2 ** 20);
  expect(takePart(Buffer.concat([empty, inMany]), 'traces', 499_990, 2 ** 20)).toMatchObject({ items: 10, last: true });
});
