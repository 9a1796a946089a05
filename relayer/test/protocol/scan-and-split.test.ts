import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countItems } from '../../src/protocol/scan-request.ts';
import { SIGNALS, type Signal } from '../../src/protocol/signal.ts';
import { takePart, takeRange } from '../../src/protocol/split-request.ts';
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
  const head = (field: number, length: number): Buffer => {
    const bytes = [field * 8 + 2];
    for (let rest = length; ; rest = Math.floor(rest / 128)) {
      bytes.push(rest < 128 ? rest : (rest % 128) + 128);
      if (rest < 128) return Buffer.from(bytes);
    }
  };
  const scope = Buffer.concat([head(2, spans.length), spans]);
  const request = Buffer.concat([head(1, scope.length), scope]);
  expect(countItems(request, 'traces')).toBe(150_000);
  const part = takePart(request, 'traces', 0, 4 * 2 ** 20);
  expect(part?.items).toBeGreaterThan(100_000);
});
