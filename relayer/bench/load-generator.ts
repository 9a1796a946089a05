/*
 * Sends requests of one shape for a time. Arguments: port, items, text bytes per item, seconds,
 * requests in flight, requests a second (0: as many as go). Prints one line of JSON.
 */
import { RequestTemplate } from '../test/fixtures/otlp.ts';
import { H2Client } from '../test/fixtures/h2-client.ts';

const [port, items, textBytes, seconds, concurrency, rate] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
  number,
  number,
];
const CONNECTIONS = 4;
/** At a given rate the first second does not count: this program is still being compiled, falls behind and catches up. */
const WARM_UP_MS = rate > 0 ? 1000 : 0;
const message = new RequestTemplate({ items, textBytes }).make(1);
const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => H2Client.connect(port, path)));
const latencies: number[] = [];
let failed = 0;
const begin = performance.now();
const end = begin + WARM_UP_MS + seconds * 1000;

function send(client: H2Client, again: boolean): void {
  const counts = performance.now() >= begin + WARM_UP_MS;
  client.call(message, (ok, latencyMs) => {
    if (!ok) failed++;
    else if (counts) latencies.push(latencyMs);
    if (again && !client.closed && performance.now() < end) send(client, true);
  });
}

if (rate === 0) for (let i = 0; i < concurrency; i++) send(clients[i % CONNECTIONS] as H2Client, true);
else {
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent < ((performance.now() - begin) / 1000) * rate; sent++)
      send(clients[sent % CONNECTIONS] as H2Client, false);
    if (performance.now() > end) clearInterval(timer);
  }, 1);
}
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    if (performance.now() < end || clients.some((client) => client.inFlight > 0)) return;
    clearInterval(timer);
    resolve();
  }, 10);
});
for (const client of clients) client.close();
latencies.sort((a, b) => a - b);
const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? 0;
console.log(JSON.stringify({ requests: latencies.length, failed, bytes: message.length, p50: at(0.5), p99: at(0.99) }));
