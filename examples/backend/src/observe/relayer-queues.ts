const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 2_000;

/** Reads `relayer_queue_bytes` of the relayers whose metrics this node can reach. */
export class RelayerQueues {
  readonly #urls: readonly string[];
  readonly #bytes = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** Bytes in all queues that answered last time; null when none did. */
  get bytes(): number | null {
    return this.#bytes.size === 0 ? null : [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  start(): void {
    if (this.#urls.length > 0)
      this.#timer = setInterval(() => this.#urls.forEach((url) => void this.#read(url)), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #read(url: string): Promise<void> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const value = /^relayer_queue_bytes(?:\{[^}]*\})? (\S+)$/m.exec(await response.text())?.[1];
      if (value === undefined) this.#bytes.delete(url);
      else this.#bytes.set(url, Number(value));
    } catch {
      this.#bytes.delete(url);
    }
  }
}
