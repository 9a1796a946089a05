import { describe, expect, it } from 'vitest';
import { definition } from '../../src/resources/definition.ts';
import { renderObjects } from '../../src/manifest/definition.ts';
import { lookUp } from '../../src/expression/json.ts';
import type { Json } from '../helm/json.ts';
import { readWithGo } from '../helm/objects.ts';
import { knownObjects, mountedKeys, parseKubectl, unknownNames } from './kubernetes-names.ts';
import { blocksOf } from './markdown.ts';
import { readPage, requiredKeys, requiredSecrets } from './pages.ts';
import { type Call, openTerminal } from './terminal.ts';
import { completed, valuesBlocksOf } from './values-blocks.ts';

const release = { name: 'consonant-prod', namespace: 'consonant-system', service: 'Helm', kubeVersion: 'v1.30.0' };

function render(values: Json): readonly Json[] {
  const rendered = renderObjects(definition, values, release);
  return rendered.objects ?? [];
}

/** What there is with the quick start, with any values block of the README, and with everything switched on. */
const blocks = readWithGo(
  '4.1',
  valuesBlocksOf(readPage('docs/chart/README.md')).map((block) => block.text),
);
const everything = {
  ...requiredKeys,
  ...requiredSecrets,
  relayer: { queue: { persistence: { enabled: true } } },
  serviceMonitor: { enabled: true },
  prometheusRule: { enabled: true },
};
const objects = [{ ...requiredKeys, ...requiredSecrets }, everything, ...blocks.map(completed)].flatMap(render);
const known = knownObjects(objects);
const keys = mountedKeys(objects);

function callsOf(page: string): readonly Call[] {
  const terminal = openTerminal('4.1');
  return blocksOf(readPage(page))
    .filter((block) => block.language === 'bash')
    .flatMap((block) => {
      // What helm renders is the matter of commands.test.ts.
      const run = terminal.run(block.text.replaceAll(/^helm /gm, 'true '));
      expect(run.stderr).toBe('');
      return run.calls;
    });
}

const calls = ['docs/chart/README.md', 'docs/chart/TROUBLESHOOTING.md'].flatMap(callsOf);

describe('the commands of the README and the troubleshooting guide', () => {
  it('name only objects, labels, containers and ports that are there', () => {
    const kubectl = calls.filter(([command]) => command === 'kubectl');
    expect(kubectl.length).toBeGreaterThan(40);
    expect(kubectl.flatMap((call) => unknownNames(call, known))).toEqual([]);
  });

  it("find kagent's agents by a label that the chart knows too", () => {
    const selectors = calls
      .filter((call) => call.includes('kagent'))
      .map((call) => parseKubectl(call).options.get('selector'));
    expect(new Set(selectors)).toEqual(new Set(['app=kagent']));
    expect(lookUp(definition.schema.defaults, ['kagent', 'podSelectors'])).toContainEqual({ app: 'kagent' });
  });

  it('make Secrets with the keys that the pods read', () => {
    const made = calls.filter(
      ([command, verb, what]) => command === 'kubectl' && verb === 'create' && what === 'secret',
    );
    expect(made).toHaveLength(5);
    for (const call of made) {
      const name = call[4] ?? '';
      const given = call.flatMap((word) => /^--from-(?:literal|file)=([^=]+)=/.exec(word)?.[1] ?? []);
      // The language model's key is mounted by kagent, not by a pod of the chart.
      const read = name === 'consonant-llm' ? new Set(['apiKey']) : keys.get(name);
      expect([name, [...given].toSorted()]).toEqual([name, [...(read ?? [])].toSorted()]);
    }
  });

  it('look for pods whose names start with that of the release', () => {
    const [, ...stern] = calls.find(([command]) => command === 'stern') ?? [];
    expect(stern).toEqual(['-n', 'consonant-system', 'consonant-relayer']);
    expect(
      known.filter(({ kind }) => kind === 'Deployment').every(({ name }) => name.includes('consonant-relayer')),
    ).toBe(true);
  });

  it('ask for paths that the relayer serves', () => {
    const urls = calls.filter(([command]) => command === 'curl').map((call) => call.at(-1));
    expect(urls).toEqual(['http://localhost:8080/health']);
  });
});

describe("the commands of the product's README", () => {
  it('name only what is there, but for those that the corrections list', () => {
    const wrong = callsOf('test/readme/product-readme.md')
      .filter(([command]) => command === 'kubectl')
      .flatMap((call) => unknownNames(call, known));
    expect(wrong).toEqual([
      'no namespace: kubectl apply -f cluster-credentials-backup.yaml',
      expect.stringContaining('no namespace: kubectl run -it --rm debug'),
      'nothing has these labels: kubectl logs -n consonant-system -l app.kubernetes.io/name=kagent',
    ]);
  });
});

describe('the check of names', () => {
  it.each([
    ['no such object', ['kubectl', 'get', 'secret', '-n', 'consonant-system', 'consonant-prod-cluster']],
    ['nothing has these labels', ['kubectl', 'get', 'pods', '-n', 'consonant-system', '-l', 'app=relayer']],
    ['no such container', ['kubectl', 'logs', '-n', 'x', 'deployment/consonant-prod-consonant-relayer', '-c', 'main']],
    ['no such port', ['kubectl', 'port-forward', '-n', 'x', 'svc/consonant-prod-consonant-relayer', '8080:80']],
    ['no namespace', ['kubectl', 'get', 'pods']],
  ] as const)('finds a wrong command: %s', (problem, call) => {
    expect(unknownNames(call as unknown as Call, known)).toEqual([expect.stringContaining(problem)]);
  });
});
