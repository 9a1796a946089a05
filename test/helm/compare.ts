import { isJsonMap, type Json } from './json.ts';

/**
 * How what Helm renders and what we evaluate differ, a line each; empty when both are the same set of objects.
 * Objects are matched by apiVersion, kind, namespace and name; their order does not count, the order in a list does.
 * `-0` and `0` are different numbers here.
 */
export function differences(helm: readonly Json[], ours: readonly Json[]): string[] {
  const theirs = byIdentity(helm);
  const mine = byIdentity(ours);
  return [...new Set([...theirs.keys(), ...mine.keys()])].flatMap((identity) => {
    const left = theirs.get(identity) ?? [];
    const right = mine.get(identity) ?? [];
    return [
      ...repeated(identity, 'Helm', left.length),
      ...repeated(identity, 'ours', right.length),
      ...pairs(left, right).flatMap(([one, other]) => compare(one, other, `${identity} `)),
    ];
  });
}

/** `apps/v1 Deployment shop/relayer`. */
export function identityOf(object: Json): string {
  if (!isJsonMap(object)) return `no object (${shorten(object)})`;
  const metadata = isJsonMap(object['metadata']) ? object['metadata'] : {};
  const namespace = metadata['namespace'] === undefined ? '' : `${part(metadata['namespace'])}/`;
  return `${part(object['apiVersion'])} ${part(object['kind'])} ${namespace}${part(metadata['name'])}`;
}

function byIdentity(objects: readonly Json[]): Map<string, Json[]> {
  const groups = new Map<string, Json[]>();
  for (const object of objects) {
    const identity = identityOf(object);
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [object]);
    else group.push(object);
  }
  return groups;
}

function repeated(identity: string, side: string, count: number): string[] {
  return count > 1 ? [`${identity}: ${count} times in ${side}`] : [];
}

function pairs(left: readonly Json[], right: readonly Json[]): [Json | undefined, Json | undefined][] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [left[index], right[index]]);
}

function compare(helm: Json | undefined, ours: Json | undefined, path: string): string[] {
  if (Object.is(helm, ours)) return [];
  if (helm === undefined) return [`${path.trimEnd()}: only in ours: ${shorten(ours)}`];
  if (ours === undefined) return [`${path.trimEnd()}: only in Helm: ${shorten(helm)}`];
  if (Array.isArray(helm) && Array.isArray(ours)) {
    return pairs(helm, ours).flatMap(([one, other], index) => compare(one, other, `${path}[${index}]`));
  }
  if (isJsonMap(helm) && isJsonMap(ours)) {
    return [...new Set([...Object.keys(helm), ...Object.keys(ours)])].flatMap((key) =>
      compare(own(helm, key), own(ours, key), `${path}${step(path, key)}`),
    );
  }
  return [`${path.trimEnd()}: Helm ${shorten(helm)}, ours ${shorten(ours)}`];
}

function own(map: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function step(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
  return path.endsWith(' ') ? key : `.${key}`;
}

function part(value: Json | undefined): string {
  return typeof value === 'string' ? value : shorten(value);
}

function shorten(value: Json | undefined): string {
  const text = Object.is(value, -0) ? '-0' : (JSON.stringify(value) ?? 'nothing');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
