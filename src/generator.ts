/** The generator without Consonant: with it another construct can be published as a Helm chart in the same way. */
export type { ChartMetadata, ChartSource, HelperPlacement } from './chart/source.ts';
export { printChart } from './chart/files.ts';
export { type AddObjectsOptions, addObjects } from './construct/add-objects.ts';
export type { ReleaseProps } from './construct/release.ts';
export { type ChartProps, type RenderedChart, renderChart } from './construct/render-chart.ts';
export { ChartError, type ChartErrorCode, type Problem } from './errors.ts';
export * from './expression/build.ts';
export type { Json, JsonMap } from './expression/json.ts';
export type { Expression, Kind, OnlyWhen, Splice, Text, TextLine, TextPart } from './expression/node.ts';
export type { Plain } from './kubernetes/plain.ts';
export {
  type ChartDefinition,
  type ReleaseOptions,
  type Rendered,
  type Resource,
  type Rule,
  renderObjects,
} from './manifest/definition.ts';
export type { Templated, TemplatedList, TemplatedMap, TemplatedObject } from './expression/templated.ts';
export type { Scope } from './expression/evaluate.ts';
export type { JsonSchema } from './schema/json-schema.ts';
export { type ParsedValues, type ValuesSchema, parseValues, valuesSchema } from './schema/parse.ts';
export { type References, referencesOf } from './schema/references.ts';
