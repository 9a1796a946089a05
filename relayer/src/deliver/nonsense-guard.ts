import type { Manager, Socket } from 'socket.io-client';

interface Packet {
  readonly type: number;
  readonly data?: unknown;
}

/** What is reached into here; the library has no other place to look at a message before it is used. */
interface Inside {
  readonly manager: { readonly engine?: { readonly transport?: { onData: (data: unknown) => void } } };
  readonly socket: { onpacket: (packet: Packet) => void };
}

/** Node's timers take no longer time, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Packet types of Engine.IO as the first character of a message; `b` begins binary data in base64. */
const ENGINE_TYPES = '0123456b';
const HANDSHAKE = '0';

/** Packet types of Socket.IO. */
const PACKET = { connect: 0, event: 2, ack: 3, connectError: 4, binaryEvent: 5, binaryAck: 6 } as const;

/**
 * Connects, and tells of messages that the client library would trip over: it throws out of an event
 * of the WebSocket, where that ends the process. Such a message is looked at before the library gets
 * it, so that nothing is caught, and a fault of our own is not taken for one of the backend.
 * @param onNonsense told what was wrong, in words.
 */
export function connectGuarded(manager: Manager, socket: Socket, onNonsense: (detail: string) => void): void {
  const inside = { manager, socket } as unknown as Inside;
  // Before connecting, when the library binds it.
  const onPacket = inside.socket.onpacket.bind(socket);
  inside.socket.onpacket = (packet) => {
    const problem = packetProblem(packet);
    if (problem === undefined) onPacket(packet);
    else onNonsense(problem);
  };
  socket.connect();
  const transport = inside.manager.engine?.transport;
  if (!transport) return;
  const onData = transport.onData.bind(transport);
  transport.onData = (data) => {
    const problem = messageProblem(data);
    if (problem === undefined) onData(data);
    else onNonsense(problem);
  };
}

/** What is wrong with a WebSocket message; undefined when the library can take it. */
function messageProblem(data: unknown): string | undefined {
  if (typeof data !== 'string') return undefined;
  const type = data.charAt(0);
  if (type === '' || !ENGINE_TYPES.includes(type)) return 'the backend sent a message that is no packet of Engine.IO 4';
  return type === HANDSHAKE ? handshakeProblem(parseJson(data.slice(1))) : undefined;
}

function handshakeProblem(handshake: unknown): string | undefined {
  const { sid, upgrades, pingInterval, pingTimeout } = (handshake ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof sid !== 'string' || !Array.isArray(upgrades) || !isDuration(pingInterval) || !isDuration(pingTimeout))
    return 'the backend’s handshake is not that of Engine.IO 4';
  if (pingInterval + pingTimeout <= MAX_TIMER_MS) return undefined;
  return `the backend announces a pingInterval and a pingTimeout of ${pingInterval + pingTimeout} ms together, and the protocol allows ${MAX_TIMER_MS}`;
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}

/** What is wrong with a packet of Socket.IO that has been parsed; undefined when the library can take it. */
function packetProblem({ type, data }: Packet): string | undefined {
  switch (type) {
    case PACKET.connect:
      return typeof (data as { sid?: unknown } | undefined)?.sid === 'string'
        ? undefined
        : 'the backend accepted the connection with a packet that has no sid';
    case PACKET.connectError:
      if (data === undefined) return 'the backend refused the connection with a packet that has no data';
      // It becomes that of an Error, which throws at an object that can't be made a text.
      return typeof (data as { message?: unknown }).message === 'object'
        ? 'the backend refused the connection with a message that is no text'
        : undefined;
    case PACKET.event:
    case PACKET.binaryEvent:
    case PACKET.ack:
    case PACKET.binaryAck:
      return Array.isArray(data) ? undefined : 'the backend sent an event or an answer that has no data';
    default:
      return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
