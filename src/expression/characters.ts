/**
 * What can't be carried to manifests: control and line-break characters that Helm's YAML writers lose or change
 * (seen on 3.17, 3.18 and 4.1). Refused in literals when the chart is generated, and anywhere in the values.
 */
export const unsafeCharacters: RegExp = /[\x7f-\x9f\u2028\u2029\ufffe\uffff]/;

/** YAML's merge key, and keys that cdk8s takes for something else. */
export const unsafeKeys: readonly string[] = ['<<', '__proto__', 'constructor'];

export function isUnsafeKey(key: string): boolean {
  return unsafeKeys.includes(key);
}

/** True for text without such characters and without half a character. */
export function isSafeText(text: string): boolean {
  return text.isWellFormed() && !unsafeCharacters.test(text);
}
