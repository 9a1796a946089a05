import fc from 'fast-check';
import { isJsonMap, type Json, type JsonMap } from '../helm/json.ts';
import { anyJson, numberWithin } from './arbitrary-json.ts';
import { anyText, hostileKeys, unsafeKeys } from './arbitrary-text.ts';

/** What goes wrong at one place of a document. */
type FaultKind = (typeof faultKinds)[number];

/** A fault that has not met its document yet. */
export interface Fault {
  readonly kind: FaultKind;
  /** Chooses the place: any number. */
  readonly where: number;
  /** The place is one of the defaults, given or not, not one of the document. */
  readonly inDefaults: boolean;
  readonly json: Json;
  readonly text: string;
  readonly number: number;
}

type Path = readonly (string | number)[];
/** Undefined: take it away. */
type Replace = (value: Json | undefined, fault: Fault) => Json | undefined;

export const faultKinds = [
  'null',
  'deleted',
  'unknown key',
  'hostile key',
  'wrong type',
  'fraction',
  'edge number',
  'other number',
  'other text',
  'other json',
  'empty map',
  'empty list',
  'in a list',
  'null in it',
  'unsafe text',
  'unsafe key',
] as const;

const edgeNumbers: readonly number[] = [0, -1, 1, -0, 1001, 65536, 600_001, 1e6, 2 ** 31, 2 ** 53, 1e300];

const unsafeTexts: readonly string[] = ['\u007f', '\u0085', '\u009f', '\u2028', '\u2029', '\ufffe', '\uffff'];

const replacements: Readonly<Record<FaultKind, Replace>> = {
  null: () => null,
  deleted: () => undefined,
  'unknown key': (value, { text, json }) => ({ ...mapOr(value), [text === '' ? 'unknown' : text]: json }),
  'hostile key': (value, { where, json }) => withEntry(mapOr(value), pick(hostileKeys, where), json),
  'wrong type': (value) => retyped(value ?? null),
  fraction: (value, { number }) => (typeof value === 'number' ? value + 0.5 : number),
  'edge number': (_, { where }) => pick(edgeNumbers, where),
  'other number': (_, { number }) => number,
  'other text': (_, { text }) => text,
  'other json': (_, { json }) => json,
  'empty map': () => ({}),
  'empty list': () => [],
  'in a list': (value) => [value ?? null],
  'null in it': (value, { where }) => nullIn(value ?? null, where),
  'unsafe text': (value, { where, text }) => `${typeof value === 'string' ? value : text}${pick(unsafeTexts, where)}`,
  'unsafe key': (value, { where, json }) => withEntry(mapOr(value), pick([...unsafeTexts, ...unsafeKeys], where), json),
};

export const faultArbitrary: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom(...faultKinds),
  where: fc.nat(),
  inDefaults: fc.nat(3).map((n) => n === 3),
  json: anyJson({ unsafe: false }, 1),
  text: anyText({ unsafe: false }),
  number: numberWithin(),
});

/** The document with one fault. The result may still be acceptable: that is for both sides to say, alike. */
export function mutateValues(document: Json, defaults: Json, fault: Fault): Json {
  const places = pathsOf(fault.inDefaults ? defaults : document);
  return editAt(document, pick(places, fault.where), (value) => replacements[fault.kind](value, fault)) ?? {};
}

/** Documents of `values`, nine in ten with a fault. */
export function mutatedValues(values: fc.Arbitrary<Json>, defaults: Json): fc.Arbitrary<Json> {
  const faulty = fc.tuple(values, faultArbitrary).map(([document, fault]) => mutateValues(document, defaults, fault));
  return fc.oneof({ weight: 1, arbitrary: values }, { weight: 9, arbitrary: faulty });
}

/** Every place in a value, itself first. */
function pathsOf(value: Json, path: Path = []): Path[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item: Json, index) => pathsOf(item, [...path, index]))];
  if (!isJsonMap(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([key, entry]) => pathsOf(entry, [...path, key]))];
}

/** A copy that differs at one place; maps are made on the way there. */
function editAt(
  value: Json | undefined,
  path: Path,
  edit: (value: Json | undefined) => Json | undefined,
): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return edit(value);
  if (Array.isArray(value) && typeof step === 'number') {
    const items = value as readonly Json[];
    const edited = editAt(items[step], rest, edit);
    return [...items.slice(0, step), ...(edited === undefined ? [] : [edited]), ...items.slice(step + 1)];
  }
  const map = mapOr(value);
  const key = String(step);
  const edited = editAt(Object.hasOwn(map, key) ? map[key] : undefined, rest, edit);
  if (edited !== undefined) return withEntry(map, key, edited);
  return Object.fromEntries(Object.entries(map).filter(([other]) => other !== key));
}

/** Sets a key, `__proto__` too. */
function withEntry(map: JsonMap, key: string, value: Json): JsonMap {
  return Object.fromEntries([...Object.entries(map).filter(([other]) => other !== key), [key, value]]);
}

function mapOr(value: Json | undefined): JsonMap {
  return isJsonMap(value) ? value : {};
}

function retyped(value: Json): Json {
  if (typeof value === 'string') return value.length;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

function nullIn(value: Json, where: number): Json {
  if (Array.isArray(value)) return [...(value as readonly Json[]), null];
  if (!isJsonMap(value)) return { inner: null };
  const keys = [...Object.keys(value), 'inner'];
  return withEntry(value, pick(keys, where), null);
}

function pick<T>(from: readonly T[], where: number): T {
  const found = from[where % from.length];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}
