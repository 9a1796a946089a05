import fc from 'fast-check';

/** Which texts a document may hold. */
export interface TextChoice {
  /** True: also characters, and the key `<<`, that YAML can't carry. Both sides refuse such a document. */
  readonly unsafe: boolean;
}

/** Limits that a schema sets on a text. */
export interface TextLimits {
  readonly pattern?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
}

/** What Helm's YAML writers lose or change (measured on 3.17, 3.18 and 4.1). */
const unsafeCharacters = /[\x7f-\x9f\u2028\u2029\ufffe\uffff]/;
/** No text made from a pattern is longer; YAML readers refuse keys above 1,024. */
const maxMadeLength = 300;
const builtPatterns = new Map<string, fc.Arbitrary<string>>();
const longWords = 'word '.repeat(40);

/** Texts that break careless quoting, escaping, indentation or type guessing. */
export const hostileTexts: readonly string[] = [
  ['', ' ', '\n', '\n\nx', 'x\n\n', 'line\nbreak', 'line\nbreak\n', '  two\n lines', 'a\r\nb', '\r', '\ttab', 'tab\t'],
  [' lead', 'trail ', 'yes', 'no', 'on', 'off', 'y', 'n', 'true', 'False', 'null', 'Null', '~', '=', '<<', '<'],
  ['0', '-0', '1', '1e3', '1e+06', '0x1f', '0o17', '0777', '012', '08', '1_000', '12:30:45', '.5', '1.', '+1'],
  ['.inf', '.nan', '2020-01-01', '2020-01-01T00:00:00Z', '500m', '1Gi', '100%', '9007199254740993'],
  ['-', '- a', '--', '---', '---\na: b', 'x\n---\ny', '...', 'a: b', 'a:', ': a', ':', '#x', 'a #b', '#', '?', '? a'],
  ['|', '|-', '>', '>-\n x', '@a', '&a', '*a', '!a', '!!str a', '%d', '%s%%', '%!s(int=1)', '`', ','],
  ['[]', '{}', '[a', '{a', '"q"', '"', "it's", "'", '\\', '\\n', '\\u0041'],
  ['{{ .Values }}', '{{`x`}}', '{{', '}}', '{{/* x */}}', '{{- end }}', '$HOME', '$(X)', '${X}', '<&>', '</script>'],
  ['é', 'e\u0301', 'ß', '😀', '\u{10ffff}', '\ue000', '\uffe0', '\ufffd', '\ufeff', '\u00a0', '\u00ad'],
  ['\u0000', '\u0001', '\u001b[0m', '\u007f', '\u0085', '\u009f', '\u2028', '\u2029', '\ufffe', '\uffff'],
  [
    '__proto__',
    'x"__proto__',
    'a"<<',
    'constructor',
    'a'.repeat(63),
    'é'.repeat(40),
    'a'.repeat(254),
    longWords,
    `${longWords}\n${longWords}`,
  ],
].flat();

/** Keys that YAML, Go or JavaScript may take for something else. */
export const hostileKeys: readonly string[] = [
  ['y', 'n', 'no', 'on', 'yes', 'off', 'true', 'null', '~', '1', '1.0', '0x1', '1e3', '', '.', '-', '#', '@', '?', '<'],
  [
    '__proto__',
    'x"__proto__',
    'a"<<',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    'Values',
    'Error',
    'name',
    'a.b/c',
    'a b',
    'a: b',
  ],
  ['\ue000', '\uffe0', '😀', '\u{10000}', 'é', '{{ x }}', '"', "'", '\\', '\n', 'A', 'a'],
].flat();

/** No character that YAML can't carry, and no half of one. */
export function isSafeText(text: string): boolean {
  return text.isWellFormed() && !unsafeCharacters.test(text);
}

/** Keys that both back-ends refuse, wherever they stand. */
export const unsafeKeys: readonly string[] = ['<<', '__proto__', 'constructor'];

/** A key that can be carried from values to manifests. */
export function isSafeKey(key: string): boolean {
  return isSafeText(key) && !unsafeKeys.includes(key);
}

/** Any text at all. */
export function anyText(choice: TextChoice): fc.Arbitrary<string> {
  return fc
    .oneof(
      { weight: 6, arbitrary: fc.constantFrom(...allowed(hostileTexts, choice)) },
      { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 300 }) },
    )
    .filter((text) => isAllowed(text, choice));
}

/** Keys for a map that takes any. */
export function anyKey(choice: TextChoice): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9./_-]{0,10}$/) },
    { weight: 2, arbitrary: fc.constantFrom(...hostileKeys.filter((key) => choice.unsafe || isSafeKey(key))) },
    { weight: 1, arbitrary: anyText(choice).filter((text) => choice.unsafe || isSafeKey(text)) },
  );
}

/** Texts within these limits: made from the pattern, or out of `chosen` and the hostile ones as far as they fit. */
export function textWithin(limits: TextLimits, chosen: readonly string[], choice: TextChoice): fc.Arbitrary<string> {
  const fits = (text: string): boolean => isAllowed(text, choice) && isWithin(text, limits);
  const own = chosen.filter(fits);
  const hostile = hostileTexts.filter(fits);
  const made = limits.pattern === undefined ? anyText(choice) : textMatching(limits.pattern);
  return fc.oneof(
    { weight: 6, arbitrary: made.filter(fits) },
    ...(own.length === 0 ? [] : [{ weight: 3, arbitrary: fc.constantFrom(...own) }]),
    ...(hostile.length === 0 ? [] : [{ weight: 2, arbitrary: fc.constantFrom(...hostile) }]),
  );
}

/** Does a text keep these limits, whether its length is counted in UTF-16 units or in characters? */
export function isWithin(text: string, { pattern, minLength, maxLength }: TextLimits): boolean {
  const { length: characters } = [...text];
  return (
    characters >= (minLength ?? 0) &&
    text.length <= (maxLength ?? Infinity) &&
    (pattern === undefined || new RegExp(pattern).test(text))
  );
}

/**
 * Larger ones reach the longest repetitions that a pattern allows; a repeated group makes far too long ones. Building
 * one takes up to 0.1 s, so that each pattern is built once.
 */
function textMatching(pattern: string): fc.Arbitrary<string> {
  const known = builtPatterns.get(pattern);
  if (known !== undefined) return known;
  const sizes = /\)[*+]/.test(pattern) ? (['small'] as const) : (['small', 'small', 'small', 'medium'] as const);
  const texts = fc.oneof(...sizes.map((size) => fc.stringMatching(new RegExp(pattern), { size })));
  const built = texts.filter((text) => text.length <= maxMadeLength);
  builtPatterns.set(pattern, built);
  return built;
}

function allowed(texts: readonly string[], choice: TextChoice): string[] {
  return texts.filter((text) => isAllowed(text, choice));
}

function isAllowed(text: string, { unsafe }: TextChoice): boolean {
  return unsafe ? text.isWellFormed() : isSafeText(text);
}
