import { beforeAll, describe, expect, test } from 'vitest';
import { describeProblem } from '../../src/errors.ts';
import { renderObjects } from '../../src/manifest/definition.ts';
import { definition } from '../../src/resources/definition.ts';
import { freshChart } from '../equivalence/chart.ts';
import { helmVersions } from '../helm/binaries.ts';
import { differences } from '../helm/compare.ts';
import { helmTemplate } from '../helm/template.ts';
import { cases } from './cases.ts';

const release = { name: 'consonant-prod', namespace: 'consonant-system' };

let chart = '';
beforeAll(() => {
  chart = freshChart();
});

describe.each(helmVersions)('Helm %s and the construct', (version) => {
  test.each(cases.map((one) => [one.name, one] as const))('do what is said of %s', (_, { values, refusal }) => {
    const ours = renderObjects(definition, values, { ...release, service: 'Helm', kubeVersion: '1.30.0' });
    const helm = helmTemplate({ version, chart, release, kubeVersion: '1.30.0', values: [values] });
    if (refusal !== undefined) {
      expect(helm.ok ? 'rendered' : helm.error).toMatch(refusal);
      expect((ours.problems ?? []).map(describeProblem).join('\n')).toMatch(refusal);
      return;
    }
    expect(ours.problems).toBeUndefined();
    if (!helm.ok) throw new Error(helm.error);
    expect(differences(helm.objects, ours.objects ?? [])).toEqual([]);
    // Kubernetes reads no integer from 1e+06.
    expect(helm.text).not.toMatch(/: [0-9.]+e\+[0-9]+$/m);
  });
});
