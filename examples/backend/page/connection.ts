import { io, type Socket } from 'socket.io-client';
import type {
  LogFilter,
  LogView,
  Overview,
  Pulse,
  SpanDetail,
  SpanKey,
  SpanView,
  TextView,
  TraceFilter,
  TraceView,
  ViewerAnswer,
} from '../src/viewers/views.ts';

const REQUEST_TIMEOUT_MS = 15_000;
const REFUSED_DELAY_MS = 5_000;
const BUSY_DELAY_MS = 250;
const MAX_ATTEMPTS = 40;
const TOKEN_KEY = 'consonant-token';

export type ConnectionState = 'connecting' | 'live' | 'lost' | 'unauthorized';

/** The token comes in the fragment, which a browser never sends, and then leaves the address bar. */
export function takeToken(): string {
  // A token may have a `+` in it, which URLSearchParams takes for a space.
  const given = new URLSearchParams(location.hash.slice(1).replaceAll('+', '%2B')).get('token');
  if (given) {
    sessionStorage.setItem(TOKEN_KEY, given);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(TOKEN_KEY) ?? '';
}

export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token);
}

/** The page's connection: requests, and a pulse from every node. It comes back by itself. */
export class Connection {
  readonly #socket: Socket;

  constructor(
    token: string,
    onState: (state: ConnectionState) => void,
    onPulse: (pulse: Pulse, traces: readonly string[]) => void,
  ) {
    // The backend has put it there.
    const path = document.querySelector<HTMLMetaElement>('meta[name=socket-path]')?.content;
    this.#socket = io('/viewer', {
      ...(path ? { path } : {}),
      transports: ['websocket'],
      auth: { token },
      reconnectionDelay: 300,
      reconnectionDelayMax: 3_000,
      forceNew: true,
    });
    this.#socket.on('connect', () => onState('live'));
    // The server ends connections when it stops; Socket.IO does not come back from that by itself.
    this.#socket.on('disconnect', (reason) => {
      onState('lost');
      if (reason === 'io server disconnect') setTimeout(() => this.#socket.connect(), 500);
    });
    this.#socket.on('connect_error', (error) => {
      const isUnauthorized = (error as { data?: { code?: string } }).data?.code === 'unauthorized';
      onState(isUnauthorized ? 'unauthorized' : 'lost');
      // Refused for now: Socket.IO does not come back from that by itself either.
      if (!isUnauthorized && !this.#socket.active) setTimeout(() => this.#socket.connect(), REFUSED_DELAY_MS);
    });
    this.#socket.on('pulse', onPulse);
  }

  overview(): Promise<Overview> {
    return this.#ask('overview', {});
  }
  traces(filter: TraceFilter): Promise<readonly TraceView[]> {
    return this.#ask('traces', filter);
  }
  spans(clusterId: string, traceId: string): Promise<readonly SpanView[]> {
    return this.#ask('spans', { clusterId, traceId });
  }
  span(key: SpanKey): Promise<SpanDetail | null> {
    return this.#ask('span', key);
  }
  spanText(key: SpanKey, column: 'prompt' | 'completion', offset: number): Promise<TextView | null> {
    return this.#ask('spanText', { ...key, column, offset });
  }
  logs(filter: LogFilter): Promise<readonly LogView[]> {
    return this.#ask('logs', filter);
  }

  close(): void {
    this.#socket.disconnect();
  }

  async #ask<Value>(event: string, input: object): Promise<Value> {
    for (let attempt = 1; ; attempt++) {
      const answer = (await this.#socket.timeout(REQUEST_TIMEOUT_MS).emitWithAck(event, input)) as ViewerAnswer<Value>;
      if ('value' in answer) return answer.value;
      if (answer.error !== 'busy' || attempt === MAX_ATTEMPTS) throw new Error(answer.error);
      // Too many at once, from somebody who leafs through the traces: the last one is to be shown all the same.
      await new Promise((resolve) => setTimeout(resolve, BUSY_DELAY_MS));
    }
  }
}
