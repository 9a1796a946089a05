import { expect, it } from 'vitest';
import { differences } from './compare.ts';
import type { Json } from './json.ts';

const service = (ports: Json): Json => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'n' },
  spec: { ports },
});

it('takes the same objects in another order as the same', () => {
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a' } };
  expect(differences([service([1, 2]), job], [job, service([1, 2])])).toEqual([]);
});

it('names objects that only one side has', () => {
  expect(differences([service([])], [])[0]).toMatch(/^v1 Service n\/a: only in Helm: /);
  expect(differences([], [service([])])[0]).toMatch(/^v1 Service n\/a: only in ours: /);
});

it('names the path of every difference', () => {
  const helm = service([{ port: 1, 'a.b/c': 'x' }, { port: 2 }]);
  const ours = service([{ port: 1, 'a.b/c': 'y' }, { port: '2', name: null }, 3]);
  expect(differences([helm], [ours])).toEqual([
    'v1 Service n/a spec.ports[0]["a.b/c"]: Helm "x", ours "y"',
    'v1 Service n/a spec.ports[1].port: Helm 2, ours "2"',
    'v1 Service n/a spec.ports[1].name: only in ours: null',
    'v1 Service n/a spec.ports[2]: only in ours: 3',
  ]);
});

it('tells apart what is easily confused', () => {
  const pairs: [Json, Json][] = [
    [[], {}],
    [0, -0],
    [0, false],
    ['', null],
    [1, '1'],
    [{ a: null }, {}],
    [[[]], []],
    [{ 0: 1 }, [1]],
  ];
  for (const [helm, ours] of pairs) expect(differences([service(helm)], [service(ours)])).toHaveLength(1);
});

it('sees keys that objects inherit', () => {
  const own = JSON.parse('{"__proto__": 1, "constructor": 2}') as Json;
  expect(differences([service(own)], [service({})])).toEqual([
    'v1 Service n/a spec.ports.__proto__: only in Helm: 1',
    'v1 Service n/a spec.ports.constructor: only in Helm: 2',
  ]);
  expect(differences([service(own)], [service(structuredClone(own))])).toEqual([]);
});

it('reports an object that stands twice', () => {
  expect(differences([service([]), service([])], [service([])])).toEqual([
    'v1 Service n/a: 2 times in Helm',
    'v1 Service n/a: only in Helm: {"apiVersion":"v1","kind":"Service","metadata":{"name":"a","namespace":"n"},"spec":{"ports":[]}}',
  ]);
  expect(differences([service([]), service([])], [service([]), service([])])).toHaveLength(2);
});
