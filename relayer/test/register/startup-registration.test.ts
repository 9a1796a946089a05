import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { deadlineIn } from '../../src/component.ts';
import { CredentialSource } from '../../src/config/credentials.ts';
import { filesUnder } from '../../src/config/files.ts';
import { requireSettings } from '../../src/config/parse-settings.ts';
import { Logger } from '../../src/observe/logger.ts';
import { StartupRegistration } from '../../src/register/startup-registration.ts';
import { endpointFrom } from '../../src/relayer.ts';
import { FakeKubernetesApi } from '../fixtures/kubernetes-api.ts';
import { PodFiles, QUICK, until } from '../fixtures/relayer-process.ts';
import { Sender } from '../fixtures/sender.ts';
import { disposeLater, setUp } from '../fixtures/set-up.ts';

test('REGISTRATION_MODE=startup: accepts at once, registers, and uses what it got before the files appear', async () => {
  const api = new FakeKubernetesApi();
  await api.start();
  disposeLater(() => api.stop());
  const { backend, relayer } = await setUp(
    {
      REGISTRATION_MODE: 'startup',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(api.port),
      CREDENTIALS_SECRET_NAME: 'release-cluster',
    },
    { openRegistration: true },
  );
  relayer.files.credentials('', '');
  relayer.files.write('var/run/secrets/kubernetes.io/serviceaccount/token', api.token);
  relayer.files.write('var/run/secrets/kubernetes.io/serviceaccount/ca.crt', api.certificate.cert);
  await backend.stop();
  await relayer.start();
  const sender = new Sender(relayer.ports.grpc, { items: 2 });
  await sender.run(2, 10);
  await backend.start();
  await until('everything is delivered', async () => (await relayer.metric('relayer_queue_bytes')) === 0);
  expect(sender.conservation(backend.effects)).toEqual({ lost: [], repeated: [] });
  expect(api.value('release-cluster', 'clusterId')).toBe(backend.connections[0]?.clusterId);
  expect(relayer.output).not.toContain(api.value('release-cluster', 'clusterToken'));
});

test('SIGTERM during a registration that hangs: it ends at once', async () => {
  const api = new FakeKubernetesApi();
  await api.start();
  disposeLater(() => api.stop());
  const silent = createServer((socket) => void (connections++, socket.resume().on('error', () => {})));
  let connections = 0;
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  disposeLater(() => void silent.close());
  const pod = new PodFiles();
  disposeLater(() => pod.remove());
  pod.write('var/run/secrets/kubernetes.io/serviceaccount/token', api.token);
  pod.write('var/run/secrets/kubernetes.io/serviceaccount/ca.crt', api.certificate.cert);
  const settings = requireSettings({
    ...QUICK,
    BACKEND_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    BACKEND_CONNECTION_TIMEOUT_SECONDS: '300',
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(api.port),
    CREDENTIALS_SECRET_NAME: 'release-cluster',
  });
  const files = filesUnder(pod.root);
  const credentials = new CredentialSource(files, () => {});
  const lines: string[] = [];
  const registration = new StartupRegistration({
    settings,
    files,
    credentials,
    endpoint: () => endpointFrom(settings, credentials),
    log: new Logger({ level: 'info', pod: '', write: (line) => void lines.push(line) }),
  });
  await registration.start();
  await until('it waits for the backend', () => connections > 0);
  const begin = performance.now();
  await registration.stop(deadlineIn(20_000));
  expect(performance.now() - begin).toBeLessThan(5_000);
  expect(lines).toEqual([]);
});
