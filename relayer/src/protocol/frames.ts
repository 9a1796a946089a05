import { SIGNALS, type Signal } from './signal.ts';

/** Version of the protocol between relayer and backend: PROTOCOL.md. */
export const PROTOCOL_VERSION = 1;
export const NAMESPACE = '/relayer';

/** Names of the Socket.IO events. */
export const EVENTS = {
  /** First event of a connection: `{ epoch }`, the epoch that the relayer is about to send. */
  hello: 'hello',
  frame: 'frame',
} as const;

/** A frame is cut so that it never exceeds what is announced, less this much for Socket.IO's own bytes. */
export const PAYLOAD_MARGIN = 1024;

/** Larger requests are split even if the backend would take them: memory stays flat. */
export const MAX_FRAME_BYTES: number = 4 * 1024 * 1024;

/** A backend that announces less could not be sent what the relayer accepts. */
export const MIN_MAX_PAYLOAD: number = 16 * 1024 * 1024;

/** Sent as Socket.IO `auth` with each connection. */
export interface HandshakeAuth {
  readonly clusterId: string;
  readonly token: string;
  /** The pod's name. All replicas of a cluster connect at once. */
  readonly instance: string;
  readonly protocol: typeof PROTOCOL_VERSION;
}

/** A run of bytes in a frame's payload: one valid export request of one signal. */
export interface Section {
  readonly signal: Signal;
  readonly bytes: number;
  readonly items: number;
}

export interface FrameHeader {
  readonly epoch: string;
  /** 1, 2, 3 … within an epoch, without gaps. */
  readonly sequence: number;
  /** In the payload's order; their `bytes` add up to its length. May be empty. */
  readonly sections: readonly Section[];
}

/** The backend's answer to a hello: what it already has of this epoch, 0 for nothing. */
export interface HelloAnswer {
  readonly acknowledged: number;
}

/** The backend's answer to a frame. */
export type FrameAnswer =
  /** Stored, together with every lower sequence; the number is the frame's own. Also the answer to one it already had. */
  | { readonly status: 'acknowledged'; readonly sequence: number }
  /** Not stored; send it and all that follow again, not before `afterMs`. */
  | { readonly status: 'retry'; readonly afterMs: number }
  /** Not stored and never will be: its contents are unacceptable. */
  | { readonly status: 'refused'; readonly code: string }
  /** Not stored, because the one before it is missing; the highest contiguous one is told, so it lies below that. */
  | { readonly status: 'gap'; readonly acknowledged: number };

/** Undefined when the answer isn't one of the protocol: the connection is then closed. */
export function parseHelloAnswer(value: unknown): HelloAnswer | undefined {
  const acknowledged = (value as HelloAnswer | null | undefined)?.acknowledged;
  return isSequence(acknowledged) ? { acknowledged } : undefined;
}

/** Undefined when the answer isn't one of the protocol: the connection is then closed. */
export function parseFrameAnswer(value: unknown): FrameAnswer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { status, sequence, afterMs, code, acknowledged } = value as Record<string, unknown>;
  if (status === 'acknowledged' && isSequence(sequence)) return { status, sequence };
  if (status === 'gap' && isSequence(acknowledged)) return { status, acknowledged };
  if (status === 'retry') {
    const wait = typeof afterMs === 'number' && Number.isFinite(afterMs) ? afterMs : 1000;
    return { status, afterMs: Math.min(Math.max(wait, 10), 300_000) };
  }
  if (status === 'refused') return { status, code: typeof code === 'string' ? code.slice(0, 64) : 'unspecified' };
  return undefined;
}

/**
 * What is wrong with an answer that can't be true of the frame it answers, in words. Believing it
 * could release data that was never stored, or send the same frame without end.
 *
 * @param known the highest sequence that the backend has acknowledged before
 */
export function findContradiction(answer: FrameAnswer, sequence: number, known: number): string | undefined {
  if (answer.status === 'acknowledged' && answer.sequence !== sequence)
    return `frame ${sequence} was acknowledged as ${answer.sequence}`;
  if (answer.status !== 'gap') return undefined;
  if (answer.acknowledged >= sequence - 1)
    return `frame ${sequence} was answered with a gap behind ${answer.acknowledged}, where there is none`;
  if (answer.acknowledged < known)
    return `the backend lost frames it had acknowledged: it has ${answer.acknowledged}, and acknowledged ${known}`;
  return undefined;
}

/** What a backend does with what it received; used by the test backend and by anyone who reads this. */
export function parseFrameHeader(value: unknown, payload: unknown): FrameHeader | undefined {
  if (typeof value !== 'object' || value === null || !Buffer.isBuffer(payload)) return undefined;
  const { epoch, sequence, sections } = value as Record<string, unknown>;
  if (typeof epoch !== 'string' || !isSequence(sequence) || sequence === 0 || !Array.isArray(sections))
    return undefined;
  let bytes = 0;
  for (const section of sections as Section[]) {
    if (!SIGNALS.includes(section?.signal) || !isSequence(section.bytes) || !isSequence(section.items))
      return undefined;
    bytes += section.bytes;
  }
  return bytes === payload.length ? { epoch, sequence, sections: sections as Section[] } : undefined;
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
