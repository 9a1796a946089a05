import type { Signal } from './signal.ts';
import { WireReader } from './wire.ts';

/*
 * All three export requests have one shape, with the same field numbers:
 *
 *   level 0  Export*ServiceRequest
 *            └ 1 resource_{spans,logs,metrics}      repeated
 *   level 1    ├ 1 resource                         3 schema_url
 *              └ 2 scope_{spans,logs,metrics}       repeated
 *   level 2      ├ 1 scope                          3 schema_url
 *                └ 2 spans | log_records | metrics  repeated
 *   level 3        └ 5 gauge 7 sum 9 histogram 10 exponential_histogram 11 summary (of a metric)
 *   level 4          └ 1 data_points                repeated
 *
 * Two serialized requests of a signal, one behind the other, are a serialized request. So the
 * relayer needs lengths, never contents.
 */
const METRIC_LEVEL = 3;
const DATA_LEVEL = 4;

const reader = new WireReader();

/**
 * Counts the items of a serialized export request without decoding them: spans, log records or
 * data points. -1: the bytes are not such a request. What is inside a span, log record or data
 * point is not looked at.
 */
export function countItems(request: Buffer, signal: Signal): number {
  reader.reset(request);
  const count = countIn(0, request.length, signal === 'metrics' ? DATA_LEVEL : 2);
  reader.release();
  return count;
}

function countIn(level: number, end: number, leaf: number): number {
  let count = 0;
  while (reader.at < end) {
    const tag = reader.varint(end);
    if (tag < 8) return -1;
    if (!isChild(tag >>> 3, level)) {
      if (!reader.skip(tag & 7, end)) return -1;
      continue;
    }
    const length = (tag & 7) === 2 ? reader.length(end) : -1;
    if (length < 0) return -1;
    if (level === leaf) {
      count++;
      reader.at += length;
      continue;
    }
    const inner = countIn(level + 1, reader.at + length, leaf);
    if (inner < 0) return -1;
    count += inner;
  }
  return count;
}

function isChild(field: number, level: number): boolean {
  if (level === METRIC_LEVEL) return field === 5 || field === 7 || (field >= 9 && field <= 11);
  return field === (level === 0 || level === DATA_LEVEL ? 1 : 2);
}
