import { Logger } from '../../src/observe/logger.ts';
import { Metrics } from '../../src/observe/metrics.ts';
import { GrpcServer } from '../../src/receive/grpc-server.ts';
import { HttpServer } from '../../src/receive/http-server.ts';
import { Intake, type Sink } from '../../src/receive/intake.ts';
import { deadlineIn } from '../../src/component.ts';
import { freePort } from '../fixtures/relayer-process.ts';
import { disposeLater } from '../fixtures/set-up.ts';
import type { Signal } from '../../src/protocol/signal.ts';

export interface Receivers {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly records: { signal: Signal; items: number; payload: Buffer }[];
  readonly metrics: Metrics;
  readonly log: string[];
  /** What the sink answers from now on. */
  answer: 'stored' | 'full' | 'unwritable';
}

/** Both servers in this process, in front of a sink that keeps what it is offered. */
export async function startReceivers(
  maxRequestBytes: number = 64 << 20,
  times: { maxConnectionAgeMs?: number; requestTimeoutMs?: number; idleTimeoutMs?: number } = {},
): Promise<Receivers> {
  const records: Receivers['records'] = [];
  const metrics = new Metrics();
  const log: string[] = [];
  const receivers: Receivers = {
    grpcPort: await freePort(),
    httpPort: await freePort(),
    records,
    metrics,
    log,
    answer: 'stored',
  };
  const sink: Sink = {
    offer: (record, done) => {
      if (receivers.answer === 'stored') records.push({ ...record, payload: Buffer.from(record.payload) });
      setImmediate(() => done(receivers.answer));
    },
  };
  const intake = new Intake({
    sink,
    maxRequestBytes,
    metrics,
    log: new Logger({ level: 'debug', pod: 'test', write: (line) => log.push(line) }),
  });
  const options = { intake, host: '127.0.0.1', maxConnectionAgeMs: 600_000, ...times };
  const grpc = new GrpcServer({ ...options, port: receivers.grpcPort });
  const http = new HttpServer({ ...options, port: receivers.httpPort });
  await grpc.start();
  await http.start();
  disposeLater(async () => {
    await Promise.all([grpc.stop(deadlineIn(100)), http.stop(deadlineIn(100))]);
  });
  return receivers;
}
