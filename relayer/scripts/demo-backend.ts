/* A backend in memory, to try the relayer by hand. It takes the cluster `demo` and prints what arrives. */
import { MemoryBackend } from '../test/protocol/memory-backend.ts';

const backend = new MemoryBackend({ port: 3000, openRegistration: true, keepPayloads: false, trackIds: false });
backend.addCluster('demo', 'demo-token');
await backend.start();
console.log(`backend on ${backend.url}`);
let shown = -1;
setInterval(() => {
  const { frames, items, bytes } = backend.received;
  if (frames !== shown) console.log(`${frames} frames, ${items} items, ${bytes} bytes`);
  shown = frames;
}, 1000);
