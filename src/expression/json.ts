/** What a values document and a rendered object are made of. */
export type Json = string | number | boolean | null | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json;
}

export function isJsonMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for what `{ … }` makes; false for lists and for objects of a class. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** True for a list or map that holds nothing; false for every scalar. */
export function isEmptyCollection(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isJsonMap(value) && Object.keys(value).length === 0;
}

/** The value at a path of own keys, or undefined where the path ends early. */
export function lookUp(from: Json | undefined, path: readonly string[]): Json | undefined {
  let at = from;
  for (const key of path) {
    if (!isJsonMap(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
