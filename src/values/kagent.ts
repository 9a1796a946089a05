import { z } from 'zod';
import { namespaceList } from './fields.ts';
import { labelSets } from './fragments.ts';

export const Kagent = z
  .strictObject({
    namespaces: namespaceList(['kagent'], "Namespaces of the agents beside the release's own"),
    podSelectors: labelSets('Labels of the pods that send telemetry; a pod needs one of these sets', [
      { app: 'kagent' },
      { 'app.kubernetes.io/name': 'kagent' },
    ]),
  })
  .prefault({})
  .describe('Where the kagent agents are that send telemetry to the relayer');
