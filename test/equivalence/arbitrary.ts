import fc from 'fast-check';
import { isJsonMap, type Json, type JsonMap } from '../helm/json.ts';
import { anyJson, integerWithin, mapOf, numberWithin } from './arbitrary-json.ts';
import { anyKey, isSafeKey, isSafeText, textWithin } from './arbitrary-text.ts';
import {
  furtherValues,
  isFreeMap,
  mustBeGiven,
  refuseUnknownKeywords,
  takesAnything,
  type JsonSchema,
} from './json-schema.ts';

/** What the chart itself uses: without it no label and no variable of a user ever collides with ours. */
export interface Pools {
  readonly keys: readonly string[];
  /** Names of variables, ports, volumes, containers. */
  readonly names: readonly string[];
}

/** What a value is made for. */
interface Context {
  readonly pools: Pools;
  readonly unsafe: boolean;
  /** The value is merged over a default. In a list nothing is: there a null stays. */
  readonly merged: boolean;
}

type Entry = readonly [key: string, value: fc.Arbitrary<Json>];

/** One document in so many may hold what YAML can't carry. */
const unsafeShare = 40;

/**
 * Values documents that a schema accepts once they are merged over its defaults, hostile ones first: see the parts.
 * A null stands only where it takes a default away and nothing is missing then: a free map, a list, a text whose
 * default is empty, a default key of a free map. Cross-field rules are not kept.
 */
export function valuesArbitrary(schema: JsonSchema, pools: Pools): fc.Arbitrary<Json> {
  const build = (unsafe: boolean): fc.Arbitrary<Json> => valueOf(schema, { pools, unsafe, merged: true });
  return fc.oneof({ weight: unsafeShare - 1, arbitrary: build(false) }, { weight: 1, arbitrary: build(true) });
}

/** True when no text and no key in a value is one that YAML can't carry. */
export function isSafeJson(value: Json): boolean {
  if (typeof value === 'string') return isSafeText(value);
  if (Array.isArray(value)) return value.every(isSafeJson);
  if (!isJsonMap(value)) return true;
  return Object.entries(value).every(([key, entry]) => isSafeKey(key) && isSafeJson(entry));
}

/** A value, or at times the default itself, or the null that takes it away. */
function propertyOf(schema: JsonSchema, context: Context): fc.Arbitrary<Json> {
  const { default: fallback } = schema;
  if (fallback === undefined || !context.merged) return valueOf(schema, context);
  return fc.oneof<fc.MaybeWeightedArbitrary<Json>[]>(
    { weight: 12, arbitrary: valueOf(schema, context) },
    { weight: 1, arbitrary: fc.constant(fallback) },
    ...(isUnsettable(schema) ? [{ weight: 2, arbitrary: fc.constant(null) }] : []),
  );
}

function isUnsettable(schema: JsonSchema): boolean {
  return (
    isFreeMap(schema) ||
    schema.type === 'array' ||
    (schema.type === 'string' && schema.default === '' && schema.enum === undefined)
  );
}

function valueOf(schema: JsonSchema, context: Context): fc.Arbitrary<Json> {
  refuseUnknownKeywords(schema);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((option) => valueOf(option, context)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const { minimum, maximum } = schema;
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return integerWithin(minimum ?? -(2 ** 53), maximum ?? 2 ** 53);
    case 'number':
      return numberWithin(minimum, maximum);
    case 'string':
      return textWithin(schema, [], context);
    case 'array':
      return listOf(schema, { ...context, merged: false });
    case 'object':
      return schema.properties === undefined ? freeMapOf(schema, context) : sectionOf(schema, context);
    case undefined:
      return anyJson(context);
    default:
      throw new Error(`no values can be generated for the JSON schema type ${schema.type}`);
  }
}

/** Few items, at times none, at times one of them twice. */
function listOf(schema: JsonSchema, context: Context): fc.Arbitrary<Json> {
  const minLength = schema.minItems ?? 0;
  const maxLength = Math.min(schema.maxItems ?? Infinity, Math.max(minLength, 3));
  const items = fc.array(itemOf(schema.items ?? {}, context), { minLength, maxLength });
  const again = fc.tuple(items, fc.boolean(), fc.nat());
  return again.map(([list, twice, at]) => {
    const item = list[at % Math.max(1, list.length)];
    return twice && item !== undefined && list.length < (schema.maxItems ?? Infinity) ? [...list, item] : list;
  });
}

/** A part of a Kubernetes object often has a name, at times one of ours. */
function itemOf(schema: JsonSchema, context: Context): fc.Arbitrary<Json> {
  const item = valueOf(schema, context);
  if (!isFreeMap(schema) || !takesAnything(furtherValues(schema) ?? {}) || context.pools.names.length === 0)
    return item;
  const named = fc.tuple(item, fc.constantFrom(...context.pools.names));
  return fc.oneof(
    item,
    named.map(([map, name]) => ({ ...(map as JsonMap), name })),
  );
}

/** Known keys: about half of them, all, or none but the necessary ones; and further keys where the schema lets them in. */
function sectionOf(schema: JsonSchema, context: Context): fc.Arbitrary<Json> {
  const properties = Object.entries(schema.properties ?? {});
  const entries = properties.map(([key, property]): Entry => [key, knownOf(key, property, context)]);
  const necessary = properties.map(([key]) => key).filter((key) => isNecessary(schema, key, context));
  const few = entries.filter(([key]) => necessary.includes(key));
  const known = fc.oneof(
    { weight: 4, arbitrary: fc.record(Object.fromEntries(entries), { requiredKeys: necessary }) },
    { weight: 1, arbitrary: fc.record(Object.fromEntries(entries)) },
    { weight: 1, arbitrary: fc.record(Object.fromEntries(few)) },
  );
  const further = furtherValues(schema);
  if (further === undefined) return known;
  const keys = keysOf(schema, context).filter((key) => !Object.hasOwn(schema.properties ?? {}, key));
  const more = mapOf(keys, takesAnything(further) ? anyJson(context, 1) : valueOf(further, context));
  return fc.tuple(known, more).map(([some, others]) => ({ ...others, ...some }));
}

function knownOf(key: string, schema: JsonSchema, context: Context): fc.Arbitrary<Json> {
  const isText = schema.type === 'string' && schema.enum === undefined;
  if (key !== 'name' || !isText) return propertyOf(schema, context);
  return textWithin(schema, context.pools.names, context);
}

function isNecessary(schema: JsonSchema, key: string, context: Context): boolean {
  return context.merged ? mustBeGiven(schema, key) : (schema.required ?? []).includes(key);
}

/** Any keys, at times ours or those of the default; at times some of the default's are taken away. */
function freeMapOf(schema: JsonSchema, context: Context): fc.Arbitrary<Json> {
  const further = furtherValues(schema);
  const value = further === undefined ? undefined : valueOf(further, context);
  const map = value === undefined ? fc.constant<JsonMap>({}) : mapOf(keysOf(schema, context), value);
  const fallback = isJsonMap(schema.default) && context.merged ? schema.default : {};
  if (Object.keys(fallback).length === 0) return map;
  const deep = further !== undefined && takesAnything(further);
  return fc.oneof(
    { weight: 2, arbitrary: map },
    { weight: 1, arbitrary: fc.tuple(map, overlayOf(fallback, deep)).map(([some, over]) => ({ ...some, ...over })) },
  );
}

/** Takes keys of a default away: at the top only, or also below when any value may stand there. */
function overlayOf(fallback: JsonMap, deep: boolean): fc.Arbitrary<JsonMap> {
  const entries = Object.entries(fallback).map(([key, value]): Entry => {
    const gone = fc.constant<Json>(null);
    return [key, deep && isJsonMap(value) ? fc.oneof(gone, overlayOf(value, true)) : gone];
  });
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] }) as fc.Arbitrary<JsonMap>;
}

function keysOf(schema: JsonSchema, context: Context): fc.Arbitrary<string> {
  const ours = [...Object.keys(isJsonMap(schema.default) ? schema.default : {}), ...context.pools.keys];
  const limits = schema.propertyNames ?? {};
  refuseUnknownKeywords(limits);
  if (limits.pattern !== undefined) {
    return textWithin(limits, ours, context).filter((key) => context.unsafe || isSafeKey(key));
  }
  const own = ours.filter((key) => context.unsafe || isSafeKey(key));
  const any = anyKey(context);
  return own.length === 0
    ? any
    : fc.oneof({ weight: 3, arbitrary: any }, { weight: 2, arbitrary: fc.constantFrom(...own) });
}
