import type { Signal } from '../telemetry/decode.ts';

interface FrameSection {
  readonly signal: Signal;
  readonly bytes: number;
  readonly items: number;
}

/** The first argument of a `frame` event: section 4.2 of the protocol. */
export interface FrameHeader {
  readonly epoch: string;
  readonly sequence: number;
  readonly sections: readonly FrameSection[];
}

const SIGNALS: readonly unknown[] = ['traces', 'logs', 'metrics'];
const MAX_EPOCH_LENGTH = 128;

/** Undefined when this isn't a frame of the protocol: the connection is then closed. */
export function parseFrameHeader(value: unknown, payload: unknown): FrameHeader | undefined {
  if (typeof value !== 'object' || value === null || !Buffer.isBuffer(payload)) return undefined;
  const { epoch, sequence, sections } = value as Record<string, unknown>;
  if (!isEpoch(epoch) || !isCount(sequence) || sequence === 0 || !Array.isArray(sections)) return undefined;
  let bytes = 0;
  const parsed: FrameSection[] = [];
  for (const section of sections as unknown[]) {
    if (typeof section !== 'object' || section === null) return undefined;
    const fields = section as Partial<FrameSection>;
    if (!SIGNALS.includes(fields.signal) || !isCount(fields.bytes) || !isCount(fields.items)) return undefined;
    // At most one section a signal: it bounds the header too.
    if (parsed.some(({ signal }) => signal === fields.signal)) return undefined;
    bytes += fields.bytes;
    parsed.push({ signal: fields.signal as Signal, bytes: fields.bytes, items: fields.items });
  }
  return bytes === payload.length ? { epoch, sequence, sections: parsed } : undefined;
}

/** A UUID in practice; anything printable of that order is taken. */
export function isEpoch(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_EPOCH_LENGTH && /^[!-~]+$/.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
