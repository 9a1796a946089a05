import type { JsonSchema } from '../schema/json-schema.ts';
import type { ChartSource } from './source.ts';

/** values.schema.json: draft-07, which all of Helm's engines read, and editors too. */
export function printValuesSchema(source: ChartSource): string {
  return `${JSON.stringify(withHelmKeys(source), null, 2)}\n`;
}

/** Helm adds `global` to a subchart's values, and a parent's `condition` may be `enabled`. */
function withHelmKeys(source: ChartSource): JsonSchema {
  const { json } = source.schema;
  const helmKeys: Record<string, JsonSchema> = {
    global: { type: 'object', description: 'Values that a parent chart shares with its subcharts' },
    enabled: { type: 'boolean', description: 'For the `condition` of a parent chart; has no effect by itself' },
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Values of ${source.name} ${source.version}`,
    ...json,
    properties: { ...helmKeys, ...json.properties },
  };
}
