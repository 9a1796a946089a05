import { ExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import { describe, expect, it } from 'vitest';
import { all, fullname, one, render } from './render.ts';

const external = { mode: 'external', external: { secretStore: { name: 'vault', kind: 'ClusterSecretStore' } } };
const outside = (more = {}) => ({ secrets: external, cloudflare: { tunnelToken: '' }, llm: { apiKey: '' }, ...more });
const namesOf = (kind: string, values = {}) =>
  all(render(values), kind).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
const tunnel = `relay/${fullname}-tunnel`;
const llm = `relay/${fullname}-llm`;

describe('Secrets in the values', () => {
  it('become a Secret for the tunnel and one for the language model', () => {
    const objects = render();
    expect(one(objects, 'Secret', '-tunnel')).toMatchObject({
      type: 'Opaque',
      stringData: { tunnelToken: 'eyJ-token' },
    });
    expect(one(objects, 'Secret', '-llm')).toMatchObject({ type: 'Opaque', stringData: { apiKey: 'sk-key' } });
  });

  it('have two names each, which mean the same', () => {
    const aliases = {
      cloudflare: { tunnelToken: '' },
      llm: { apiKey: '' },
      secrets: { kubernetes: { tunnelToken: 'eyJ-token', llmApiKey: 'sk-key' } },
    };
    expect(render(aliases)).toEqual(render());
    expect(render({ secrets: aliases.secrets })).toEqual(render());
  });

  it('carry any text', () => {
    const token = 'a: "b" {{ .Values }}\n---\n# \'x\'';
    expect(one(render({ cloudflare: { tunnelToken: token } }), 'Secret', '-tunnel').stringData.tunnelToken).toBe(token);
  });

  it.each([{ enabled: false }, { mode: 'access', access: { existingSecret: 'a' } }])(
    'for the tunnel are accepted and unused with %o',
    (cloudflare) => {
      expect(namesOf('Secret', { cloudflare })).toEqual([llm]);
    },
  );

  it('give way to existing ones', () => {
    const values = { cloudflare: { tunnelToken: '', existingSecret: 'a' }, llm: { apiKey: '', existingSecret: 'b' } };
    expect(namesOf('Secret', values)).toEqual([]);
  });

  it('for the model are beside each ModelConfig, and nowhere twice', () => {
    const modelConfig = { create: true, namespaces: ['kagent', 'agents', 'kagent'] };
    const values = { llm: { model: 'm', modelConfig }, cloudflare: { enabled: false } };
    expect(namesOf('Secret', values)).toEqual([`kagent/${fullname}-llm`, `agents/${fullname}-llm`]);
    const off = { llm: { modelConfig: { ...modelConfig, create: false } }, cloudflare: { enabled: false } };
    expect(namesOf('Secret', off)).toEqual([llm]);
  });

  it('are none for ollama, which takes no key', () => {
    expect(namesOf('Secret', { llm: { provider: 'ollama', apiKey: '' } })).toEqual([tunnel]);
    expect(namesOf('ExternalSecret', outside({ llm: { provider: 'ollama', apiKey: '' } }))).toEqual([tunnel]);
  });
});

describe('external secrets', () => {
  it('are fetched into Secrets of the same names, with the keys that the pods read', () => {
    const objects = render(outside());
    expect(all(objects, 'Secret')).toEqual([]);
    expect(one(objects, 'ExternalSecret', '-tunnel')).toMatchObject({
      apiVersion: 'external-secrets.io/v1',
      spec: {
        refreshInterval: '1h',
        secretStoreRef: { name: 'vault', kind: 'ClusterSecretStore' },
        target: { name: `${fullname}-tunnel`, creationPolicy: 'Owner' },
        data: [{ secretKey: 'tunnelToken', remoteRef: { key: 'consonant/tunnel-token' } }],
      },
    });
    expect(one(objects, 'ExternalSecret', '-llm').spec.data).toEqual([
      { secretKey: 'apiKey', remoteRef: { key: 'consonant/llm-api-key' } },
    ]);
  });

  it('come from the paths that are given', () => {
    const paths = { llmApiKey: { key: 'a/b', property: 'c' }, tunnelToken: { key: 'd', property: 'e' } };
    const secrets = { mode: 'external', external: { ...external.external, paths, refreshInterval: '5m' } };
    const objects = render(outside({ secrets }));
    expect(one(objects, 'ExternalSecret', '-llm').spec.data[0].remoteRef).toEqual({ key: 'a/b', property: 'c' });
    expect(one(objects, 'ExternalSecret', '-tunnel').spec).toMatchObject({
      refreshInterval: '5m',
      data: [{ remoteRef: { key: 'd', property: 'e' } }],
    });
  });

  it("may be of an older operator's version", () => {
    const secrets = { mode: 'external', external: { ...external.external, apiVersion: 'external-secrets.io/v1beta1' } };
    expect(all(render(outside({ secrets })), 'ExternalSecret')[0].apiVersion).toBe('external-secrets.io/v1beta1');
  });

  it('are left to the user when they are switched off', () => {
    const secrets = { mode: 'external', external: { enabled: false } };
    const objects = render(outside({ secrets }));
    expect([...all(objects, 'Secret'), ...all(objects, 'ExternalSecret')]).toEqual([]);
  });

  it('are not made for existing Secrets, nor without a tunnel', () => {
    const existing = { cloudflare: { tunnelToken: '', existingSecret: 'a' }, llm: { apiKey: '', existingSecret: 'b' } };
    expect(namesOf('ExternalSecret', outside(existing))).toEqual([]);
    expect(namesOf('ExternalSecret', outside({ cloudflare: { tunnelToken: '', enabled: false } }))).toEqual([llm]);
  });

  it('are beside each ModelConfig', () => {
    const modelConfig = { create: true, namespaces: ['kagent', 'agents'] };
    const values = outside({ llm: { apiKey: '', model: 'm', modelConfig } });
    expect(namesOf('ExternalSecret', values)).toEqual([tunnel, `kagent/${fullname}-llm`, `agents/${fullname}-llm`]);
  });

  it("satisfy the operator's own schema", () => {
    for (const object of all(render(outside()), 'ExternalSecret')) {
      expect(() => new ExternalSecret(object as never).validate()).not.toThrow();
    }
  });
});
