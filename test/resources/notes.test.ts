import { describe, expect, it } from 'vitest';
import { configurations } from './configurations.ts';
import { fullname, notes, notesExactly } from './render.ts';

describe('the notes', () => {
  it('say how to check this release, with its names', () => {
    const text = notes();
    for (const command of [
      `kubectl -n relay rollout status deployment/${fullname}`,
      `kubectl -n relay port-forward svc/${fullname} 8080:8080`,
      'curl http://localhost:8080/health',
      'helm -n relay test demo',
      `kubectl -n relay logs job/${fullname}-register`,
      `--set otel.tracing.exporter.otlp.endpoint=http://${fullname}.relay.svc:4317`,
      `--set otel.logging.exporter.otlp.endpoint=http://${fullname}.relay.svc:4317`,
    ]) {
      expect(text).toContain(command);
    }
    expect(text).toContain('https://consonant.example.com');
  });

  it('follow the values', () => {
    expect(notes({ relayer: { queue: { persistence: { enabled: true } } } })).toContain('rollout status statefulset/');
    expect(notes({ tests: { enabled: false } })).not.toContain('helm -n relay test');
    expect(notes({ registration: { mode: 'startup' } })).not.toContain('job/');
    expect(notes({ relayer: { health: { port: 9 }, otel: { grpcPort: 7 } } })).toMatch(/9:9[^]*svc:7/);
  });

  it("say which agents may send: those of the release's own namespace too", () => {
    expect(notes()).toContain('agents in the namespaces kagent, relay may');
    expect(notes({ kagent: { namespaces: [] } })).toContain('agents in the namespaces relay may');
  });

  it('say what survives', () => {
    expect(notes()).toContain('It does not survive a pod that is');
    const persistent = notes({ relayer: { queue: { persistence: { enabled: true } } } });
    expect(persistent).toContain('survives a pod that is deleted while the backend is');
    expect(persistent).not.toContain('does not survive');
  });

  it.each<[string, object, string]>([
    ['a localhost backend', { backend: { url: 'http://localhost:3000' } }, 'localhost address'],
    ['a backend at 127.0.0.1', { backend: { url: 'https://127.0.0.1' } }, 'localhost address'],
    ['a backend at ::1', { backend: { url: 'https://[::1]:8443/x' } }, 'localhost address'],
    ['an unencrypted backend', { backend: { url: 'http://backend' } }, 'unencrypted'],
    ['a doubtful token', { cloudflare: { tunnelToken: 'abc' } }, 'does not look like one: Cloudflare'],
    ['a doubtful key', { llm: { apiKey: 'abc' } }, 'API key of the language model does not look like one'],
    ['registration switched off', { registration: { enabled: false } }, 'must hold clusterId and clusterToken'],
    ['no NetworkPolicy', { networkPolicy: { enabled: false } }, 'networkPolicy.enabled is false'],
    ['alerts without the ServiceMonitor', { prometheusRule: { enabled: true } }, `watch job="${fullname}", which`],
    ['a Service that is open to the outside', { service: { type: 'LoadBalancer' } }, 'publishes every port'],
  ])('warn of %s', (_, values, warning) => {
    const plain = notes();
    expect(plain).not.toContain('WARNING');
    expect(notes(values as never)).toContain(warning);
  });

  it('number their steps without a gap', () => {
    for (const enabled of [true, false]) {
      const steps = [...notes({ tests: { enabled } }).matchAll(/^(\d)\. /gm)].map(([, number]) => Number(number));
      expect(steps).toEqual([1, 2, 3, 4].slice(0, enabled ? 4 : 3));
    }
  });

  it('say nothing of alerts that have their ServiceMonitor', () => {
    expect(notes({ prometheusRule: { enabled: true }, serviceMonitor: { enabled: true } })).not.toContain('WARNING');
  });

  it('do not doubt a key of another provider, or one that is not in the values', () => {
    expect(notes({ llm: { provider: 'gemini', apiKey: 'AIza' } })).not.toContain('WARNING');
    expect(notes({ llm: { apiKey: '', existingSecret: 'a' } })).not.toContain('WARNING');
  });

  it('say that secrets in the values are in the Helm release, when they are', () => {
    expect(notes()).toContain('stored in the Helm release');
    const existing = { cloudflare: { tunnelToken: '', existingSecret: 'a' }, llm: { apiKey: '', existingSecret: 'b' } };
    expect(notes(existing)).not.toContain('stored in the Helm release');
  });

  it('say whose tunnel it must be, when there is one', () => {
    expect(notes()).toContain("never the backend's own");
    expect(notes({ cloudflare: { enabled: false } })).not.toContain('tunnel');
  });

  it('name the Secret with the credentials', () => {
    expect(notes()).toContain(`are in Secret ${fullname}-cluster`);
    expect(notes({ backend: { credentials: { existingSecret: 'mine' } } })).toContain('are in Secret mine');
  });

  it.each(configurations)('for %s show no secret and no line that is too long to read', (_, { values, release }) => {
    const text = notesExactly(values, release);
    expect(text).not.toMatch(/eyJ-token|sk-key|sk-ant/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(160);
  });
});
