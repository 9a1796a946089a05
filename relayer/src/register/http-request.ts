import { request as httpRequest, type Agent } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly ca?: string | undefined;
  readonly agent?: Agent | undefined;
  readonly timeoutMs: number;
  /** Ends the request at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON, or undefined when the body isn't JSON. */
  readonly json: unknown;
  /** A page for people: not what an API answers. */
  readonly isHtml: boolean;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

/** One request with a time limit over everything. Rejects when there was no complete answer. */
export function sendRequest(options: HttpRequest): Promise<HttpAnswer> {
  const { url, method, headers, body, ca, agent, timeoutMs, signal } = options;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }),
      },
      ...(ca ? { ca } : {}),
      agent: agent ?? false,
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${Math.round(timeoutMs / 1000)} s`)),
      timeoutMs,
    );
    const stopped = (): void => void request.destroy(new Error('stopped while waiting for the answer'));
    if (signal?.aborted) stopped();
    signal?.addEventListener('abort', stopped);
    request.once('error', reject);
    let answered = false;
    request.once('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
      // An answer that switches protocols (101) is neither an error nor a response.
      if (!answered) reject(new Error('the connection was closed without an answer'));
    });
    request.once('response', (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) request.destroy(new Error('the answer is too long'));
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          json: parseJson(Buffer.concat(chunks)),
          isHtml: /^text\/html\b/i.test(response.headers['content-type'] ?? ''),
        }),
      );
    });
    request.end(text);
  });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
