import { fieldHead } from '../protocol/wire.ts';
import type { Refusal } from './intake.ts';

/** Codes of google.rpc.Code that the relayer uses. */
export const GRPC = {
  invalidArgument: 3,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

const CODES = {
  invalid: GRPC.invalidArgument,
  too_large: GRPC.resourceExhausted,
  unsupported: GRPC.unimplemented,
  full: GRPC.unavailable,
  unavailable: GRPC.unavailable,
} as const;

const RETRY_INFO_TYPE = 'type.googleapis.com/google.rpc.RetryInfo';

/**
 * The trailers of a refusal. A retryable one carries RetryInfo twice: the specification puts it
 * into `grpc-status-details-bin`, some exporters read only `google.rpc.retryinfo-bin`.
 */
export function refusalTrailers(outcome: Refusal): Record<string, string> {
  const code = statusCodeOf(outcome);
  const trailers: Record<string, string> = {
    'grpc-status': String(code),
    'grpc-message': encodeGrpcMessage(outcome.message),
  };
  if ('retryAfterMs' in outcome) {
    const retryInfo = encodeRetryInfo(outcome.retryAfterMs);
    trailers['grpc-status-details-bin'] = unpadded(encodeStatus(code, outcome.message, retryInfo));
    trailers['google.rpc.retryinfo-bin'] = unpadded(retryInfo);
  }
  return trailers;
}

/** google.rpc.Status: also the body of every OTLP/HTTP error. */
export function encodeStatus(code: number, message: string, retryInfo?: Buffer): Buffer {
  const parts = [Buffer.from([0x08, code]), field(2, Buffer.from(message))];
  if (retryInfo) parts.push(field(3, Buffer.concat([field(1, Buffer.from(RETRY_INFO_TYPE)), field(2, retryInfo)])));
  return Buffer.concat(parts);
}

/** The code of google.rpc.Code that says the same as the outcome. */
export function statusCodeOf(outcome: Refusal): number {
  return 'grpcCode' in outcome && outcome.grpcCode !== undefined ? outcome.grpcCode : CODES[outcome.kind];
}

/** google.rpc.RetryInfo { Duration retry_delay = 1 { seconds = 1, nanos = 2 } } */
function encodeRetryInfo(retryAfterMs: number): Buffer {
  const seconds = varint(1, Math.floor(retryAfterMs / 1000));
  const nanos = varint(2, (retryAfterMs % 1000) * 1_000_000);
  return field(1, Buffer.concat([seconds, nanos]));
}

/** Percent-encodes what may not stand in a header, as gRPC wants it. */
function encodeGrpcMessage(message: string): string {
  return message.replace(/[^\x20-\x24\x26-\x7e]+/g, (text) => encodeURIComponent(text));
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([fieldHead(number, bytes.length), bytes]);
}

function varint(number: number, value: number): Buffer {
  const bytes = [number << 3];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
