/*
 * What the relayer is measured against: grpc-js with full decoding and one Socket.IO message of
 * JSON per span, without a queue. Arguments: port, backend URL.
 */
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { io } from 'socket.io-client';
import { otlpRoot } from '../test/fixtures/otlp-types.ts';

const [port, backendUrl] = process.argv.slice(2);
const type = otlpRoot().lookupType('traces');
const socket = io(`${backendUrl}/baseline`, { transports: ['websocket'] });

interface Request {
  readonly resourceSpans?: readonly {
    readonly resource?: unknown;
    readonly scopeSpans?: readonly { readonly spans?: readonly object[] }[];
  }[];
}

function onExport(call: ServerUnaryCall<Request, object>, callback: sendUnaryData<object>): void {
  for (const { resource, scopeSpans } of call.request.resourceSpans ?? []) {
    for (const { spans } of scopeSpans ?? []) for (const span of spans ?? []) socket.emit('span', { resource, span });
  }
  callback(null, {});
}

const server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
server.addService(
  {
    export: {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      requestStream: false,
      responseStream: false,
      requestDeserialize: (bytes: Buffer) =>
        type.toObject(type.decode(bytes), { longs: String, bytes: String }) as Request,
      requestSerialize: () => Buffer.alloc(0),
      responseSerialize: () => Buffer.alloc(0),
      responseDeserialize: () => ({}),
    },
  },
  { export: onExport as never },
);
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), () => console.log('listening'));
