import type { Problem } from '../errors.ts';
import { isJsonMap } from '../expression/json.ts';
import type { ReleaseOptions } from '../manifest/definition.ts';
import type { ReleaseProps } from './release.ts';

/** The release with its defaults, or every problem of it. */
export type ReadRelease =
  | { readonly release: ReleaseOptions; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly release?: never };

/** The oldest Kubernetes that the objects are made for, as in the `kubeVersion` of Chart.yaml. */
export const oldestKubernetes = '1.24';

interface Property {
  readonly isValid: (text: string) => boolean;
  /** Completes "must be …". */
  readonly form: string;
  readonly fallback?: string;
}

const properties: Readonly<Record<keyof ReleaseProps, Property>> = {
  name: {
    // As Helm checks release names.
    isValid: (text) =>
      text.length <= 53 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text),
    form: 'at most 53 lower-case letters, digits, `-` and `.`, starting and ending with a letter or digit',
  },
  namespace: {
    isValid: (text) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text),
    form: 'at most 63 lower-case letters, digits and `-`, starting and ending with a letter or digit',
  },
  service: {
    isValid: (text) => /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(text),
    form: 'the value of a label: at most 63 letters, digits, `-`, `_` and `.`',
    fallback: 'cdk8s',
  },
  kubeVersion: {
    isValid: isSupportedVersion,
    form: `a version of Kubernetes such as 1.30 or v1.30.1, ${oldestKubernetes} or newer`,
    fallback: '1.28',
  },
};

/** Fills in the defaults and refuses what Helm would refuse. A caller without types may give anything. */
export function readRelease(given: unknown): ReadRelease {
  if (!isJsonMap(given))
    return { problems: [{ path: 'release', message: 'is required: give `name` and `namespace`' }] };
  const unknownKeys = Object.keys(given).filter((key) => !Object.hasOwn(properties, key));
  const problems = [
    ...Object.entries(properties).flatMap(([key, property]) => problemOf(`release.${key}`, property, given[key])),
    ...unknownKeys.map((key) => ({
      path: `release.${key}`,
      message: 'is no property of a release; check its spelling',
    })),
  ];
  if (problems.length > 0) return { problems };
  const read = (key: keyof ReleaseProps): string => String(given[key] ?? properties[key].fallback);
  const release = {
    name: read('name'),
    namespace: read('namespace'),
    service: read('service'),
    kubeVersion: read('kubeVersion'),
  };
  return { release };
}

function problemOf(path: string, property: Property, value: unknown): readonly Problem[] {
  if (value === undefined) return property.fallback === undefined ? [{ path, message: 'is required' }] : [];
  if (typeof value === 'string' && property.isValid(value)) return [];
  return [{ path, message: `must be ${property.form}` }];
}

function isSupportedVersion(text: string): boolean {
  const found = /^v?([0-9]+)\.([0-9]+)(\.[0-9]+)?([-+][0-9A-Za-z.+-]+)?$/.exec(text);
  if (found === null) return false;
  const [major = 0, minor = 0] = oldestKubernetes.split('.').map(Number);
  return Number(found[1]) > major || (Number(found[1]) === major && Number(found[2]) >= minor);
}
