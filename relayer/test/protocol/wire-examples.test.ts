import { readFileSync } from 'node:fs';
import { Manager } from 'socket.io-client';
import { expect, test } from 'vitest';
import { disposeLater } from '../fixtures/set-up.ts';
import { MemoryBackend } from './memory-backend.ts';

const PROTOCOL = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
const EPOCH = '71bb5751-5f55-435a-8814-e960c3c776c3';

/** What goes over the wire of one connection, as Engine.IO writes it: text, or the bytes of an attachment. */
async function connect(backend: MemoryBackend, token: string) {
  const manager = new Manager(backend.url, { transports: ['websocket'], reconnection: false, autoConnect: false });
  const auth = { clusterId: 'cluster_abc123', token, instance: 'relayer-7d8f9b-xyz', protocol: 1 };
  const socket = manager.socket('/relayer', { auth });
  const wire: string[] = [];
  const note = (data: unknown): void =>
    void wire.push(
      typeof data === 'string'
        ? `4${data}`
        : (
            Buffer.from(data as Buffer)
              .toString('hex')
              .match(/../g) ?? []
          ).join(' '),
    );
  socket.connect();
  manager.engine?.on('packetCreate', ({ type, data }) => void (type === 'message' && note(data)));
  manager.engine?.on('data', note);
  disposeLater(() => void socket.disconnect());
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('connect_error', () => resolve());
  });
  return { socket, wire };
}

/** Ids of acknowledgements count up from 0 on each connection. */
const withIds = (text: string, id: string): string => text.replace(/^(4[23]|451-)(\/relayer,)\d+/, `$1$2${id}`);

test('the wire examples of PROTOCOL.md are what Socket.IO writes', async () => {
  const backend = new MemoryBackend();
  backend.addCluster('cluster_abc123', '…');
  await backend.start();
  disposeLater(() => backend.stop());
  const { socket, wire } = await connect(backend, '…');
  backend.faults.hello = 41;
  backend.faults.answer = () => ({ status: 'acknowledged', sequence: 42 });
  await socket.emitWithAck('hello', { epoch: EPOCH });
  const payload = Buffer.from('0a021200', 'hex');
  const sections = [{ signal: 'traces', bytes: payload.length, items: 0 }];
  await socket.emitWithAck('frame', { epoch: EPOCH, sequence: 42, sections }, payload);
  const refused = await connect(backend, 'wrong');
  const seen = [...wire.map((text) => withIds(text, 'N')), ...refused.wire];

  const examples = [
    ...PROTOCOL.matchAll(/^(?:(?:text|binary|answer) +)?(4\d.*\/relayer.+|[0-9a-f]{2}( [0-9a-f]{2})+)$/gm),
  ];
  expect(examples).toHaveLength(7);
  for (const [, example = ''] of examples) expect(seen).toContain(withIds(example, 'N'));
});
