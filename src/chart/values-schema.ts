import { withoutGuards } from '../schema/guards.ts';
import type { ChartSource } from './source.ts';

/** values.schema.json: draft-07, which all of Helm's engines read, and editors too. */
export function printValuesSchema(source: ChartSource): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Values of ${source.name} ${source.version}`,
    ...withoutGuards(source.schema.json),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
