import { unsafeKeys } from '../expression/characters.ts';
import { goJson, goString } from '../expression/go.ts';

/** Both back-ends refuse these anywhere in the values: see expression/characters.ts. */
export const characterProblem = "the values hold a control character that YAML can't carry";

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
    condition: `regexMatch ${goString(`[{,]${goJson(key)}:`.replace(/\\/g, '\\\\'))} (toJson .Values)`,
    message: keyProblem(key),
  })),
];
