import type { TraceFilter, TraceView } from '../src/viewers/views.ts';
import { appendTraces, mergeTraces } from './trace-rows.ts';

const PAGE = 60;
const MAX_ROWS = 5_000;
const MIN_REFRESH_MS = 900;

/**
 * The list of traces under one filter: pages from the database, the newest one over and over. What is
 * answered to an earlier filter is thrown away.
 */
export class TraceFeed {
  rows: readonly TraceView[] = [];
  loading = true;
  error: string | undefined;
  /** Of the filter that `rows` belong to. */
  key: string | undefined;
  readonly #ask: (filter: TraceFilter) => Promise<readonly TraceView[]>;
  readonly #onChange: () => void;
  #filter: TraceFilter = {};
  #busy = false;
  #again = false;
  #ended = false;
  #loadingMore: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: (filter: TraceFilter) => Promise<readonly TraceView[]>, onChange: () => void) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  /** Begins anew under this filter, at once. */
  show(filter: TraceFilter): void {
    this.#filter = filter;
    this.key = keyOf(filter);
    this.rows = [];
    this.loading = true;
    this.#ended = false;
    clearTimeout(this.#timer);
    void this.#loadNewest();
  }

  /** The newest page again, at most about once a second however often it is called. */
  refresh(): void {
    if (this.#busy) this.#again = true;
    else if (this.key !== undefined) void this.#loadNewest();
  }

  async #loadNewest(): Promise<void> {
    const { key } = this;
    this.#busy = true;
    this.#again = false;
    const page = await this.#ask({ ...this.#filter, limit: PAGE }).catch((error: Error) => error);
    if (this.key !== key) return;
    if (page instanceof Error) this.error = page.message;
    else {
      this.error = undefined;
      this.rows = mergeTraces(page, this.rows, MAX_ROWS);
    }
    this.loading = false;
    this.#onChange();
    this.#timer = setTimeout(() => {
      this.#busy = false;
      if (this.#again) this.refresh();
    }, MIN_REFRESH_MS);
  }

  /** The page behind the last row, until there is none. */
  async loadMore(): Promise<void> {
    const { key } = this;
    const after = this.rows.at(-1)?.cursor;
    if (this.#loadingMore === key || this.#ended || !after || this.rows.length >= MAX_ROWS) return;
    this.#loadingMore = key;
    const page = await this.#ask({ ...this.#filter, after, limit: PAGE * 2 }).catch((error: Error) => error);
    if (this.#loadingMore === key) this.#loadingMore = undefined;
    if (this.key !== key) return;
    if (page instanceof Error) this.error = page.message;
    else {
      this.#ended = page.length === 0;
      this.rows = appendTraces(this.rows, page);
    }
    this.#onChange();
  }

  close(): void {
    this.key = undefined;
    clearTimeout(this.#timer);
  }
}

export function keyOf(filter: TraceFilter): string {
  return JSON.stringify(filter);
}
