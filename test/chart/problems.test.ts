import { describe, expect, it } from 'vitest';
import { problemsName } from '../../src/chart/validation.ts';
import type { Json, JsonMap } from '../../src/expression/json.ts';
import { describeProblem } from '../../src/errors.ts';
import { renderObjects } from '../../src/manifest/definition.ts';
import { helmVersions } from '../helm/binaries.ts';
import { askProblems } from '../helm/many.ts';
import { helmTemplate } from '../helm/template.ts';
import { required, toy, writeToy } from './toy-chart.ts';

const { limits } = required;
const missing =
  'is missing: it was set to null, or these values come from an older chart (use --reset-then-reuse-values)';
const control = "the values hold a control character that YAML can't carry";

/** Documents that the schema takes, and what both back-ends say about them. */
const documents: readonly (readonly [what: string, values: JsonMap, problems: readonly string[]])[] = [
  ['nothing wrong', required, []],
  ['optional keys taken away', { ...required, suffix: null, labels: null, texts: null, free: null }, []],
  [
    'a broken rule',
    { ...required, limits: { ...limits, least: 3, greatest: 2 } },
    ['`limits.least` must be at most `limits.greatest`'],
  ],
  [
    'a rule whose message looks like an action',
    { ...required, mode: 'fast' },
    ['`mode` can not be fast: {{ braces }} say nothing'],
  ],
  [
    'two broken rules',
    { ...required, mode: 'fast', limits: { ...limits, least: 3, greatest: 2 } },
    ['`limits.least` must be at most `limits.greatest`', '`mode` can not be fast: {{ braces }} say nothing'],
  ],
  ['a default taken away', { ...required, replicas: null }, [`\`replicas\` ${missing}`]],
  ['a union taken away', { ...required, share: null }, [`\`share\` ${missing}`]],
  [
    'two keys taken away',
    { ...required, mode: null, limits: { ...limits, least: null } },
    [`\`limits.least\` ${missing}`, `\`mode\` ${missing}`],
  ],
  ['a control character', { ...required, suffix: 'a\u0085' }, [control]],
  ['a control character in a key', { ...required, free: { '\u2028': 1 } }, [control]],
  [
    'a merge key',
    { ...required, free: { a: { '<<': 1 } } },
    ["the values hold the key `<<`, which can't be carried to a manifest"],
  ],
  [
    'two keys of JavaScript',
    { ...required, free: { constructor: 1, ['__proto__']: 1 } },
    [
      "the values hold the key `__proto__`, which can't be carried to a manifest",
      "the values hold the key `constructor`, which can't be carried to a manifest",
    ],
  ],
  ['text that looks like such a key', { ...required, suffix: '"__proto__": "<<":' }, []],
];

const ourProblems = (values: Json): readonly string[] => {
  const rendered = renderObjects(toy, values, { name: 'r', namespace: 'n', service: 'Helm', kubeVersion: 'v1.30.0' });
  return (rendered.problems ?? []).map((problem) => {
    // The chart's guard names a missing key as it is written in prose; elsewhere the path comes first.
    if (problem.message === missing) return `\`${problem.path}\` ${missing}`;
    return problem.path === '' ? describeProblem(problem) : problem.message;
  });
};

describe('both back-ends say the same about values that the schema takes', () => {
  const folder = writeToy();

  it.each(documents)('%s: the evaluating one', (_, values, problems) => {
    // Each place on its own, in the user's order.
    expect(ourProblems(values).toSorted()).toEqual(problems.toSorted());
  });

  it.each(helmVersions)('all of them: the chart, in Helm %s', (version) => {
    // Helm 3's own YAML writer drops the merge key before any template sees it.
    const asked = documents.filter(([what]) => what !== 'a merge key');
    const answers = askProblems(
      version,
      folder,
      problemsName(toy),
      asked.map(([, values]) => values),
    );
    const lines = answers.map((answer) => ('problems' in answer ? answer.problems : Object.values(answer)));
    expect(lines).toEqual(asked.map(([, , problems]) => problems));
  });

  it.each(helmVersions)('and Helm %s stops with all of it at once, before any other template', (version) => {
    const values = { ...required, mode: 'fast', limits: { ...limits, least: 3, greatest: 2 } };
    const result = helmTemplate({ version, chart: folder, values: [values], release: { name: 'r', namespace: 'n' } });
    expect(result).toMatchObject({ ok: false });
    expect(!result.ok && result.error).toContain(
      "toy: these values can't be used:\n\n- `limits.least` must be at most `limits.greatest`\n- `mode` can not be fast: {{ braces }} say nothing",
    );
  });

  it.each(helmVersions)('without the schema Helm %s still asks for what must be there, and of its kind', (version) => {
    const values = { url: 'http://x', limits: { least: 'x', token: null }, texts: {}, replicas: true };
    const options = { version, chart: folder, values: [values], release: { name: 'r', namespace: 'n' } };
    const result = helmTemplate({ ...options, args: ['--skip-schema-validation'] });
    const lines = result.ok ? [] : result.error.split('\n').filter((line) => line.startsWith('- '));
    expect(lines).toEqual([
      '- `limits.least` must be an integer',
      expect.stringContaining('- `limits.token` is missing'),
      '- `replicas` must be an integer',
      '- `texts` must be a list',
    ]);
  });
});
