// A stand-in for a kagent agent: sends numbered spans of one trace over OTLP/HTTP as JSON, repeats what is not
// acknowledged as the OTLP specification says, and prints the ids of what was, one JSON line a request.
import { setTimeout as sleep } from 'node:timers/promises';

const {
  ENDPOINT = 'http://localhost:4318',
  AGENT = 'agent',
  TRACE_ID = '0'.repeat(31) + '1',
  REQUESTS = '1',
  SPANS_PER_REQUEST = '5',
  PAUSE_MS = '100',
  GIVE_UP_MS = '120000',
} = process.env;

let stopping = false;
process.on('SIGTERM', () => (stopping = true));

for (let index = 0; index < Number(REQUESTS) && !stopping; index++) {
  const spanIds = Array.from({ length: Number(SPANS_PER_REQUEST) }, (_, i) =>
    spanId(index * Number(SPANS_PER_REQUEST) + i),
  );
  const acknowledged = await sendUntilAcknowledged(requestOf(spanIds));
  console.log(JSON.stringify(acknowledged ? { acknowledged: spanIds } : { givenUp: spanIds }));
  await sleep(Number(PAUSE_MS));
}
console.log(JSON.stringify({ done: true }));

function spanId(number) {
  return (number + 1).toString(16).padStart(16, '0');
}

async function sendUntilAcknowledged(body) {
  const end = performance.now() + Number(GIVE_UP_MS);
  do {
    try {
      const answer = await fetch(`${ENDPOINT}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(10_000),
      });
      await answer.text();
      if (answer.status === 200) return true;
      console.error(`answer ${answer.status}`);
    } catch (error) {
      console.error(`${error.message}: ${error.cause?.code ?? ''}`);
    }
    await sleep(500);
  } while (performance.now() < end);
  return false;
}

function requestOf(spanIds) {
  const now = BigInt(Date.now()) * 1_000_000n;
  const spans = spanIds.map((id) => ({
    traceId: TRACE_ID,
    spanId: id,
    name: 'invoke_agent',
    kind: 1,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1_000_000n),
  }));
  const attributes = [{ key: 'service.name', value: { stringValue: AGENT } }];
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: 'test' }, spans }] }],
  });
}
