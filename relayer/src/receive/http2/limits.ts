interface Limits {
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
  readonly frameBytes: number;
  readonly concurrentStreams: number;
  readonly allStreams: number;
  readonly headerBlockBytes: number;
  readonly headerBlockParts: number;
  readonly headerListBytes: number;
  readonly idleWork: number;
  readonly droppedStreams: number;
  readonly unreadBytes: number;
}

/**
 * What one connection may take. Windows and frames are large, so that a request is one DATA frame
 * and needs no window update: with the defaults (64 KiB, 16 KiB) a request of 43 KB is three frames.
 */
export const LIMITS: Limits = {
  streamWindowBytes: 4 * 1024 * 1024,
  connectionWindowBytes: 64 * 1024 * 1024,
  frameBytes: 1024 * 1024,
  concurrentStreams: 1000,
  /** Of all connections together: one that has sent its headers and nothing else costs half a KiB. */
  allStreams: 100_000,
  headerBlockBytes: 32_768,
  headerBlockParts: 64,
  /** Decoded names and values of one request, as in SETTINGS_MAX_HEADER_LIST_SIZE. */
  headerListBytes: 16_384,
  /** Frames that ask for work but are no request; each completed request takes one off. */
  idleWork: 10_000,
  /** Ended streams that are remembered as still being sent to. */
  droppedStreams: 10_000,
  /** Answers that the other side doesn't read. */
  unreadBytes: 4 * 1024 * 1024,
};

/** The window of a connection and of its streams before any setting. */
export const DEFAULT_WINDOW_BYTES = 65_535;
export const MAX_WINDOW_BYTES: number = 2 ** 31 - 1;
