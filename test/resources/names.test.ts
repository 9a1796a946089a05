import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configurations, objectsOf } from './configurations.ts';
import { type KubeObject, all, fullname, one, podTemplates, problems, render } from './render.ts';
import { selects } from './connections.ts';

const nameFor = (release: string, values = {}): string =>
  all(render(values, { name: release }), 'Service')[0].metadata.name;

describe('the full name', () => {
  it.each([
    ['demo', 'demo-consonant-relayer'],
    ['consonant-prod', 'consonant-prod-consonant-relayer'],
    ['consonant-relayer', 'consonant-relayer'],
    ['my-consonant-relayer-2', 'my-consonant-relayer-2'],
  ])('of release %s is %s', (release, name) => {
    expect(nameFor(release)).toBe(name);
  });

  it('follows nameOverride and fullnameOverride', () => {
    expect(nameFor('demo', { nameOverride: 'relay' })).toBe('demo-relay');
    expect(nameFor('relay-a', { nameOverride: 'relay' })).toBe('relay-a');
    expect(nameFor('demo', { nameOverride: 'relay', fullnameOverride: 'mine' })).toBe('mine');
  });

  it('is cut to 52 bytes, and does not end in a hyphen', () => {
    expect(nameFor('a'.repeat(53))).toBe('a'.repeat(52));
    expect(nameFor('a'.repeat(33))).toBe(`${'a'.repeat(33)}-consonant-relayer`.slice(0, 52));
    expect(nameFor('a'.repeat(51))).toBe('a'.repeat(51));
    expect(nameFor('demo', { fullnameOverride: `${'b'.repeat(51)}-b` })).toBe('b'.repeat(51));
  });

  it.each(['1demo', 'a.b'])('is refused for release %s, since a Service may not be called so', (release) => {
    expect(problems({}, { name: release })).toEqual([expect.stringContaining('set `fullnameOverride`')]);
    expect(problems({ fullnameOverride: 'relayer' }, { name: release })).toEqual([]);
  });
});

describe('names with a suffix', () => {
  it('are the ones that users are told', () => {
    const objects = render({ relayer: { queue: { persistence: { enabled: true } } }, dashboard: { enabled: true } });
    const names = objects.map((object) => `${object.kind} ${object.metadata.name.replace(fullname, '…')}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'StatefulSet …',
        'Service …',
        'Service …-headless',
        'Job …-register',
        'Secret …-llm',
        'Secret …-tunnel',
        'ConfigMap …-config',
        'ConfigMap …-dashboard',
        'Pod …-test',
      ]),
    );
    const role = one(objects, 'Role', '-register');
    expect(role.rules[0].resourceNames).toEqual([`${fullname}-cluster`]);
  });

  it('are whole behind a name that was cut, and fit into a label', () => {
    for (const object of render({}, { name: 'r'.repeat(53) })) {
      expect(object.metadata.name).toMatch(/^r{52}(-[a-z]+)?$/);
      expect(object.metadata.name.length).toBeLessThanOrEqual(63);
    }
  });

  it.each(configurations)('are told apart in %s', (_, configuration) => {
    const ids = objectsOf(configuration).map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`,
    );
    expect(ids).toEqual([...new Set(ids)]);
  });
});

const selectorOf = { name: 'app.kubernetes.io/name', instance: 'app.kubernetes.io/instance' };

describe('labels', () => {
  it('are on every object, with what it belongs to', () => {
    for (const object of render({ commonLabels: { owner: 'me' } })) {
      expect(object.metadata.labels).toMatchObject({
        'helm.sh/chart': 'consonant-relayer-1.0.0',
        'app.kubernetes.io/managed-by': 'Helm',
        'app.kubernetes.io/version': '1.0.0',
        [selectorOf.name]: 'consonant-relayer',
        [selectorOf.instance]: 'demo',
        owner: 'me',
      });
    }
  });

  it('say which component a pod is of', () => {
    const components = podTemplates(render()).map(({ metadata }) => metadata.labels['app.kubernetes.io/component']);
    expect(components).toEqual(['registration', 'relayer', 'test']);
  });

  it('of the user win over ours but never over those that select', () => {
    const hostile = {
      'app.kubernetes.io/name': 'other',
      'app.kubernetes.io/instance': 'other',
      'app.kubernetes.io/component': 'other',
      'app.kubernetes.io/version': '9',
    };
    const values = {
      commonLabels: hostile,
      relayer: { podLabels: hostile },
      registration: { podLabels: hostile },
      service: { labels: hostile },
      serviceMonitor: { enabled: true, labels: hostile },
      prometheusRule: { enabled: true, labels: hostile },
      dashboard: { enabled: true, labels: hostile },
    };
    const plain = render({
      serviceMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true },
    });
    const changed = render(values);
    const selecting = ({ metadata }: KubeObject): KubeObject =>
      ['name', 'instance', 'component'].map((key) => metadata.labels[`app.kubernetes.io/${key}`]);
    expect(changed.map(selecting)).toEqual(plain.map(selecting));
    for (const object of changed) expect(object.metadata.labels['app.kubernetes.io/version']).toBe('9');
  });

  it('select the pods of the release whatever labels a user sets', () => {
    const label = fc.constantFrom(...Object.values(selectorOf), 'app.kubernetes.io/component', 'app', 'x/y');
    const labels = fc.dictionary(label, fc.constantFrom('', 'a', 'consonant-relayer'), { maxKeys: 4 });
    fc.assert(
      fc.property(labels, labels, labels, (commonLabels, podLabels, serviceLabels) => {
        const objects = render({ commonLabels, relayer: { podLabels }, service: { labels: serviceLabels } });
        const pod = podTemplates(objects).find(({ of }) => of.startsWith('Deployment'))?.metadata.labels;
        const expected = one(render(), 'Deployment').spec.selector;
        expect(one(objects, 'Deployment').spec.selector).toEqual(expected);
        expect(one(objects, 'PodDisruptionBudget').spec.selector).toEqual(expected);
        expect(one(objects, 'Service').spec.selector).toEqual(expected.matchLabels);
        expect(selects(expected, pod)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('of two releases select neither each other nor another component', () => {
    const { selector } = one(render(), 'Deployment').spec;
    const others = [
      ...podTemplates(render({}, { name: 'other' })),
      ...podTemplates(render()).filter(({ of }) => !of.startsWith('Deployment')),
    ];
    expect(others.length).toBeGreaterThan(3);
    for (const { metadata } of others) expect(selects(selector, metadata.labels)).toBe(false);
  });

  it('name who manages the release', () => {
    const [object] = render({}, { service: 'cdk8s' });
    expect(object.metadata.labels['app.kubernetes.io/managed-by']).toBe('cdk8s');
  });
});

describe('common annotations', () => {
  it('are on every object', () => {
    for (const { metadata } of render({ commonAnnotations: { 'example.com/a': 'b' } })) {
      expect(metadata.annotations['example.com/a']).toBe('b');
    }
  });

  it('change no hook, and make none', () => {
    const hookOf = (commonAnnotations = {}): KubeObject => {
      const { annotations } = one(render({ commonAnnotations }), 'Job', '-register').metadata;
      return ['hook', 'hook-weight', 'hook-delete-policy'].map((key) => annotations[`helm.sh/${key}`]);
    };
    expect(hookOf({ 'helm.sh/hook-weight': '0', 'helm.sh/hook-delete-policy': 'hook-failed' })).toEqual(hookOf());
    expect(problems({ commonAnnotations: { 'helm.sh/hook': 'test' } })).toEqual([
      expect.stringContaining('`commonAnnotations`'),
    ]);
  });
});

describe('namespaces', () => {
  it.each(configurations)('of all objects of %s are given', (_, configuration) => {
    const without = objectsOf(configuration).filter(({ metadata }) => metadata.namespace === undefined);
    // A user's own object is as it was given.
    expect(without.map(({ metadata }) => metadata.name).filter((name) => name !== 'more')).toEqual([]);
  });
});
