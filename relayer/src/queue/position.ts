/** A place between two records: a segment's number and the offset of the next record in it. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
  /** Units (spans, log records, metrics) of that record which are already in earlier frames. */
  readonly unit: number;
}

/** From `start` up to `end`. */
export interface Span {
  readonly start: Position;
  readonly end: Position;
}

/** What one frame covers. */
export interface FrameRange extends Span {
  readonly sequence: number;
}

/** Negative, zero or positive, as for `Array.sort`. */
export function comparePositions(a: Position, b: Position): number {
  return a.segment - b.segment || a.offset - b.offset || a.unit - b.unit;
}

/**
 * The segments that the records of these spans are in. Each is one record's, or a part of it, which
 * lies where the span ends: before it there is nothing but damage, or the end of another segment.
 */
export function segmentsOf(spans: readonly Span[]): Set<number> {
  return new Set(spans.map(({ end }) => end.segment));
}
