import { expect, test } from 'vitest';
import { FakeKubernetesApi } from '../fixtures/kubernetes-api.ts';
import { until } from '../fixtures/relayer-process.ts';
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
