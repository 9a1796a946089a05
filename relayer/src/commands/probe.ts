import { randomBytes } from 'node:crypto';
import { connect } from 'node:http2';
import { request } from 'node:http';
import { sleep } from '../component.ts';
import { parseSettings } from '../config/parse-settings.ts';
import { describeError, EXIT_CODES, RelayerError } from '../errors.ts';
import { SIGNALS, type Signal } from '../protocol/signal.ts';
import { encodeJsonRequest } from '../receive/json-request.ts';
import type { CommandContext } from './context.ts';
import { timeoutSeconds } from './timeout-seconds.ts';

const SERVICES: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

const ATTEMPT_MS = 10_000;
const DEFAULT_TIMEOUT_SECONDS = 60;

/**
 * `relayer probe`: the helm test. Sends one item of each signal over gRPC and over HTTP to
 * `--host` (the Service), then reads `/health`. A relayer that is not connected to its backend
 * passes with a note: it takes telemetry all the same.
 * @returns 0, or 69 when something did not work within the time limit.
 */
export async function probe({ environment, options, write, stop }: CommandContext): Promise<number> {
  const timeoutMs = timeoutSeconds(options, DEFAULT_TIMEOUT_SECONDS) * 1000;
  const ports = portsFrom(environment);
  const host = options.get('host') ?? 'localhost';
  const end = performance.now() + timeoutMs;
  for (;;) {
    const failures = await probeOnce(host, ports, write);
    if (failures === 0) return 0;
    if (stop.aborted || performance.now() + 2000 >= end) {
      write(`given up: see the relayer's log, or run \`node /app/main.js check\` in its pod (host ${host})\n`);
      return EXIT_CODES['backend-unreachable'];
    }
    write(`trying again: ${failures} of the checks failed\n`);
    await sleep(2000, stop);
  }
}

interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly health: number;
}

/** The test pod has only the ConfigMap's variables, and of them only the ports matter here. */
function portsFrom(environment: CommandContext['environment']): Ports {
  const parsed = parseSettings({ CLUSTER_NAME: 'probe', BACKEND_URL: 'https://unused', ...pick(environment) });
  if (!parsed.ok) throw new RelayerError('configuration', parsed.problems.map(({ message }) => message).join('; '));
  return {
    grpc: parsed.settings.OTLP_GRPC_PORT,
    http: parsed.settings.OTLP_HTTP_PORT,
    health: parsed.settings.HEALTH_PORT,
  };
}

function pick(environment: CommandContext['environment']): Record<string, string | undefined> {
  return Object.fromEntries(
    ['OTLP_GRPC_PORT', 'OTLP_HTTP_PORT', 'HEALTH_PORT'].map((name) => [name, environment[name]]),
  );
}

async function probeOnce(host: string, ports: Ports, write: (text: string) => void): Promise<number> {
  let failures = 0;
  const step = async (name: string, action: () => Promise<string>): Promise<void> => {
    try {
      write(`ok      ${name.padEnd(14)}  ${await action()}\n`);
    } catch (error) {
      failures++;
      write(`FAILED  ${name.padEnd(14)}  ${describeError(error)}\n`);
    }
  };
  for (const signal of SIGNALS) {
    await step(`gRPC ${signal}`, () => sendGrpc(host, ports.grpc, signal));
    await step(`HTTP ${signal}`, () => sendHttp(host, ports.http, signal));
  }
  await step('health', () => readHealth(host, ports.health));
  return failures;
}

async function sendGrpc(host: string, port: number, signal: Signal): Promise<string> {
  const body = sampleRequest(signal);
  const session = connect(`http://${host}:${port}`);
  try {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer in time')), ATTEMPT_MS);
      timer.unref();
      session.once('error', reject);
      const stream = session.request({
        ':method': 'POST',
        ':path': SERVICES[signal],
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      // A stream only says that it was cancelled; the session knows why.
      stream.once('error', (error) => reject(error.cause ?? error));
      let status: unknown;
      stream.once('response', (headers) => (status = headers['grpc-status']));
      stream.once('trailers', (headers) => (status = headers['grpc-status']));
      stream.once('end', () =>
        status === '0' ? resolve('accepted') : reject(new Error(`grpc-status ${String(status)}`)),
      );
      stream.resume();
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(body.length, 1);
      stream.end(Buffer.concat([prefix, body]));
    });
  } finally {
    session.destroy();
  }
}

async function sendHttp(host: string, port: number, signal: Signal): Promise<string> {
  const { status } = await exchange(`http://${host}:${port}/v1/${signal}`, sampleRequest(signal));
  if (status !== 200) throw new Error(`HTTP status ${status}`);
  return 'accepted';
}

async function readHealth(host: string, port: number): Promise<string> {
  const { status, body } = await exchange(`http://${host}:${port}/health`);
  if (status !== 200) throw new Error(`HTTP status ${status}`);
  const health = JSON.parse(body) as { status?: unknown; reasons?: unknown };
  return `status ${String(health.status)}${Array.isArray(health.reasons) ? ` (${health.reasons.join('; ')})` : ''}`;
}

function exchange(url: string, payload?: Buffer): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = payload ? { 'content-type': 'application/x-protobuf', 'content-length': payload.length } : {};
    let answered = false;
    const outgoing = request(url, { method: payload ? 'POST' : 'GET', headers, agent: false }, (response) => {
      answered = true;
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', reject);
    });
    // Over everything: what drips, or only ever says 100 Continue, is never idle.
    const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), ATTEMPT_MS);
    outgoing.once('error', reject);
    outgoing.once('close', () => {
      clearTimeout(timer);
      if (!answered) reject(new Error('the connection was closed without an answer'));
    });
    outgoing.end(payload);
  });
}

/** One item named `consonant-relayer-probe`, so that it can be told from real telemetry. */
function sampleRequest(signal: Signal): Buffer {
  const name = 'consonant-relayer-probe';
  const now = `${Date.now()}000000`;
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
  const items = {
    traces: {
      resourceSpans: [
        {
          resource,
          scopeSpans: [
            {
              spans: [
                {
                  traceId: randomBytes(16).toString('hex'),
                  spanId: randomBytes(8).toString('hex'),
                  name,
                  kind: 1,
                  startTimeUnixNano: now,
                  endTimeUnixNano: now,
                },
              ],
            },
          ],
        },
      ],
    },
    logs: {
      resourceLogs: [
        {
          resource,
          scopeLogs: [{ logRecords: [{ timeUnixNano: now, severityNumber: 9, body: { stringValue: name } }] }],
        },
      ],
    },
    metrics: {
      resourceMetrics: [
        {
          resource,
          scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints: [{ timeUnixNano: now, asInt: '1' }] } }] }],
        },
      ],
    },
  }[signal];
  const encoded = encodeJsonRequest(items, signal);
  if (typeof encoded === 'string') throw new TypeError(encoded);
  return encoded;
}
