import type { ChartDefinition } from '../manifest/definition.ts';
import { schema } from '../values/references.ts';
import { resources } from './index.ts';
import { chartName } from './names.ts';
import { notes } from './notes.ts';
import { rules } from './rules.ts';

/** The chart's version and the version of the relayer that it deploys. */
const version = '1.0.0';

/** Consonant's chart, as both back-ends read it. */
export const definition: ChartDefinition = {
  name: chartName,
  version,
  appVersion: version,
  schema,
  rules,
  resources,
  notes,
};
