import type { Signal } from '../protocol/signal.ts';
import { WireReader } from '../protocol/wire.ts';

/**
 * Which signal a request posted to `/` carries. The three requests look alike down to the items, so
 * it is the first item that tells:
 *
 * - span: 1 trace_id of 16 bytes, 2 span_id of 8 bytes
 * - log record: begins with 1 time_unix_nano (fixed64), or has 11 observed_time_unix_nano
 * - metric: 1 name (a text), and one of the data fields
 *
 * A request without items could be any; it is taken as traces, where it means as little.
 */
export function guessSignal(request: Buffer): Signal | undefined {
  if (request.length === 0) return 'traces';
  const item = firstItem(request);
  return item && guessItem(item);
}

function firstItem(request: Buffer): Buffer | undefined {
  const path = [1, 2, 2];
  let bytes = request;
  for (const wanted of path) {
    const inner = fields(bytes)?.find(({ number, wireType }) => number === wanted && wireType === 2);
    if (!inner) return undefined;
    bytes = inner.bytes;
  }
  return bytes;
}

function guessItem(item: Buffer): Signal | undefined {
  const all = fields(item);
  if (!all) return undefined;
  const find = (number: number, wireType: number): Buffer | undefined =>
    all.find((field) => field.number === number && field.wireType === wireType)?.bytes;
  if (find(1, 2)?.length === 16 && find(2, 2)?.length === 8 && (find(7, 1) || find(5, 2))) return 'traces';
  if (find(1, 1) || find(11, 1)) return 'logs';
  return [5, 7, 9, 10, 11].some((number) => find(number, 2)) ? 'metrics' : undefined;
}

interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly bytes: Buffer;
}

/** The fields of one message; undefined when it isn't one. */
function fields(bytes: Buffer): Field[] | undefined {
  const reader = new WireReader();
  reader.reset(bytes);
  const found: Field[] = [];
  while (reader.at < bytes.length) {
    const tag = reader.varint(bytes.length);
    if (tag < 8) return undefined;
    const wireType = tag & 7;
    if (wireType === 2) {
      const length = reader.length(bytes.length);
      if (length < 0) return undefined;
      found.push({ number: tag >>> 3, wireType, bytes: bytes.subarray(reader.at, (reader.at += length)) });
    } else {
      const start = reader.at;
      if (!reader.skip(wireType, bytes.length)) return undefined;
      found.push({ number: tag >>> 3, wireType, bytes: bytes.subarray(start, reader.at) });
    }
  }
  return found;
}
