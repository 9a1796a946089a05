import { goJson, goString } from '../expression/go.ts';

/**
 * What can't be carried from values to manifests: control and line-break characters that Helm's YAML writers
 * lose or change (seen on 3.17, 3.18 and 4.1), YAML's merge key, and keys that cdk8s takes for something else.
 * Both back-ends refuse them anywhere in the values.
 */
export const unsafeCharacters: RegExp = /[\x7f-\x9f\u2028\u2029\ufffe\uffff]/;
export const characterProblem = "the values hold a control character that YAML can't carry";

const unsafeKeys: readonly string[] = ['<<', '__proto__', 'constructor'];
export function isUnsafeKey(key: string): boolean {
  return unsafeKeys.includes(key);
}
export function keyProblem(key: string): string {
  return `the values hold the key \`${key}\`, which can't be carried to a manifest`;
}

/** The same questions as template conditions: `toString` prints text raw, `toJson` a key as `"…":`. */
export const unsafeGuards: readonly { readonly condition: string; readonly message: string }[] = [
  {
    condition: 'regexMatch "[\\\\x7f-\\\\x9f\\\\x{2028}\\\\x{2029}\\\\x{fffe}\\\\x{ffff}]" (toString .Values)',
    message: characterProblem,
  },
  ...unsafeKeys.map((key) => ({
    condition: `contains ${goString(`${goJson(key)}:`)} (toJson .Values)`,
    message: keyProblem(key),
  })),
];
