/* The other side of the benchmark: takes the relayer's frames and the baseline's spans. Prints its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

const http = createServer((_request, response) => response.end());
const io = new Server(http, { transports: ['websocket'], maxHttpBufferSize: 16 * 1024 * 1024, serveClient: false });
io.of('/baseline').on('connection', (socket) => socket.on('span', () => {}));
const highest = new Map<string, number>();
io.of('/relayer').on('connection', (socket) => {
  socket.on('hello', ({ epoch }: { epoch: string }, answer: (value: object) => void) =>
    answer({ acknowledged: highest.get(epoch) ?? 0 }),
  );
  socket.on(
    'frame',
    ({ epoch, sequence }: { epoch: string; sequence: number }, _payload: Buffer, answer: (value: object) => void) => {
      highest.set(epoch, sequence);
      answer({ status: 'acknowledged', sequence });
    },
  );
});
http.listen(0, '127.0.0.1', () => console.log((http.address() as AddressInfo).port));
