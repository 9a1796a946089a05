/**
 * Ends TLS before the backend, as a tunnel or a proxy does. Arguments: address, port, certificate, key, port of the
 * backend on the same address.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer } from 'node:tls';

const [host = '', port = '', certificate = '', key = '', target = ''] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (incoming) => {
  const outgoing = connect(Number(target), host);
  incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy());
  outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy());
  incoming.pipe(outgoing).pipe(incoming);
});
server.listen(Number(port), host);
