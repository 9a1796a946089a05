import type { Manager, Socket } from 'socket.io-client';

/** What is reached into here; the library has no other place to catch these errors. */
interface Inside {
  readonly manager: { readonly engine?: { readonly transport?: { onData: (data: unknown) => void } } };
  readonly socket: { onpacket: (packet: { readonly type: number; readonly data?: unknown }) => void };
}

/** Packet type of Socket.IO. */
const CONNECT_ERROR = 4;

/**
 * Connects, and tells of messages at which the client library throws: an Engine.IO handshake that
 * is no JSON or not as it must be, and a CONNECT_ERROR without data. It throws them out of an event
 * of the WebSocket, where they would end the process.
 * @param onNonsense told what was wrong, in words.
 */
export function connectGuarded(manager: Manager, socket: Socket, onNonsense: (detail: string) => void): void {
  const inside = { manager, socket } as unknown as Inside;
  // Before connecting, when the library binds it.
  const onPacket = inside.socket.onpacket.bind(socket);
  inside.socket.onpacket = (packet) => {
    if (packet.type === CONNECT_ERROR && packet.data === undefined)
      onNonsense('the backend refused the connection with a packet that has no data');
    else onPacket(packet);
  };
  socket.connect();
  const transport = inside.manager.engine?.transport;
  if (!transport) return;
  const onData = transport.onData.bind(transport);
  transport.onData = (data) => {
    try {
      onData(data);
    } catch {
      onNonsense('the backend’s handshake is not that of Engine.IO 4');
    }
  };
}
