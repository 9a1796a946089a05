import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Nothing but our own files and our own socket: markup that got through could still load and send nothing. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** Serves the built page from a folder, read once. It is told where the Socket.IO endpoint is. */
export function addPage(app: FastifyInstance, folder: string, socketPath: string): void {
  for (const name of readdirSync(folder)) {
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (!type) continue;
    const file = readFileSync(join(folder, name));
    const content = name === 'index.html' ? file.toString().replace('/socket.io', socketPath) : file;
    app.get(name === 'index.html' ? '/' : `/${name}`, (_request, reply) =>
      reply.headers({ ...SECURITY_HEADERS, 'content-type': type }).send(content),
    );
  }
}
