/** One wrong change to the generator, as a developer might make it. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Text that stands in the file once; the mutant has `to` in its place. */
  readonly from: string;
  readonly to: string;
}

const print = 'src/expression/print.ts';
const evaluate = 'src/expression/evaluate.ts';
const functions = 'src/expression/functions.ts';
const block = 'src/manifest/print.ts';
const presence = 'src/manifest/presence.ts';
const helpers = 'src/manifest/helpers.ts';

/** Each compiles and must make the suite fail: see run.ts. */
export const mutants: readonly Mutant[] = [
  { name: 'an integer leaf without int64', file: print, from: '| int64 }}`', to: '}}`' },
  { name: 'an integer operand without int64', file: print, from: '`(int64 ${text})`', to: 'text' },
  {
    name: 'a text leaf without quotes',
    file: print,
    from: '${printPresent(of, context)} | quote }}',
    to: '${printPresent(of, context)} }}',
  },
  {
    name: 'a helper read back without the line break that its last text ends in',
    file: print,
    from: 'endsInUsersYaml(of.body) ?',
    to: 'false ?',
  },
  { name: 'a text leaf in single quotes', file: print, from: '| quote }}', to: '| squote }}' },
  {
    name: 'the branches of ternary swapped',
    file: print,
    from: '[of.then, of.otherwise].map',
    to: '[of.otherwise, of.then].map',
  },
  {
    name: 'de Morgan forgotten',
    file: 'src/expression/negate.ts',
    from: "of.fn === 'and' ? 'or' : 'and'",
    to: 'of.fn',
  },
  { name: 'gt for ge', file: print, from: "lessIntegers: 'ge'", to: "lessIntegers: 'gt'" },
  { name: 'null for an optional text not mended', file: print, from: '!of.optional ||', to: 'of.optional ||' },
  {
    name: 'a condition flipped',
    file: block,
    from: '{{- ${keyword} ${printCondition(of.condition, block.context)} }}',
    to: '{{- ${keyword} ${printCondition(negate(of.condition), block.context)} }}',
  },
  {
    name: 'two spaces too few',
    file: block,
    from: 'addLine(deeper(block), `{{- toYaml .${nindent(deeper(block))} }}`)',
    to: 'addLine(deeper(block), `{{- toYaml .${nindent(block)} }}`)',
  },
  {
    name: 'a text that runs into the line before it',
    file: block,
    from: 'block.indent === 0 && block.lines.length === 0',
    to: 'block.indent === 0',
  },
  {
    name: 'presence not asked',
    file: block,
    from: 'if (presence === true || isKnown(presence, block.context)) {',
    to: 'if (presence !== undefined) {',
  },
  {
    name: 'the root inside range',
    file: block,
    from: "printItem(of.body, { ...block, context: { ...block.context, root: '$' } })",
    to: 'printItem(of.body, block)',
  },
  {
    name: 'and for or in presence',
    file: presence,
    from: "conditions[0] : call('or', ...conditions)",
    to: "conditions[0] : call('and', ...conditions)",
  },
  {
    name: 'the first of equal keys wins (printed)',
    file: helpers,
    from: "'{{- $_ := set $merged $key $value }}'",
    to: "'{{- if not (hasKey $merged $key) }}{{- $_ := set $merged $key $value }}{{- end }}'",
  },
  {
    name: 'the first of equal keys wins (evaluated)',
    file: evaluate,
    from: 'new Map(parts.filter(isJsonMap)',
    to: 'new Map(parts.toReversed().filter(isJsonMap)',
  },
  {
    name: "our entries stay beside the user's",
    file: helpers,
    from: "'{{- if not (hasKey $theirs (get $entry $key)) }}'",
    to: "'{{- if true }}'",
  },
  {
    name: 'a condition helper that is never empty',
    file: helpers,
    from: '}}true{{ end }}`]',
    to: '}}true{{ else }}false{{ end }}`]',
  },
  { name: 'trunc counts one more', file: functions, from: 'truncateBytes(s, n)', to: 'truncateBytes(s, n + 1)' },
  {
    name: 'less for at most',
    file: functions,
    from: "atMostIntegers: compare<number>('integer', 'le', (a, b) => a <= b)",
    to: "atMostIntegers: compare<number>('integer', 'le', (a, b) => a < b)",
  },
  { name: 'JSON keys unsorted', file: 'src/expression/go.ts', from: '.sort(compareBytes)', to: '' },
  {
    name: 'JSON without HTML escapes',
    file: 'src/expression/go.ts',
    from: '[<>&\\u2028\\u2029]/g, unicodeEscape',
    to: '[\\u2028\\u2029]/g, unicodeEscape',
  },
  {
    name: 'empty collections of the user kept',
    file: evaluate,
    from: 'return unlessEmpty(evaluateValue(of, scope));',
    to: 'return evaluateValue(of, scope);',
  },
  { name: 'null deletes nothing', file: 'src/schema/coalesce.ts', from: 'if (given === null) return [];', to: '' },
  {
    name: 'a rule not printed',
    file: 'src/chart/validation.ts',
    from: 'chart.rules.flatMap(',
    to: 'chart.rules.slice(1).flatMap(',
  },
  {
    name: 'a rule printed as it is, not negated',
    file: 'src/chart/validation.ts',
    from: 'printNegation(rule.holds[node], atRoot)',
    to: "printNegation({ op: 'call', kind: 'boolean', fn: 'not', args: [rule.holds[node]] }, atRoot)",
  },
  {
    name: 'missing keys not looked for',
    file: 'src/chart/validation.ts',
    from: '\'{{- if kindIs "invalid" $value }}\',',
    to: '\'{{- if kindIs "nothing" $value }}\',',
  },
  {
    name: 'unknown keys allowed in the schema',
    file: 'src/chart/values-schema.ts',
    from: 'JSON.stringify(schema, null, 2)',
    to: "JSON.stringify(schema, (key, value) => (key === 'additionalProperties' && value === false ? undefined : value), 2)",
  },
  {
    name: 'a resource not printed',
    file: 'src/chart/files.ts',
    from: 'for (const resource of source.resources) {',
    to: 'for (const resource of source.resources.slice(1)) {',
  },
  {
    name: 'a default that is not in values.yaml',
    file: 'src/chart/values-yaml.ts',
    from: 'return [...comments, ...printDefault(key, schema.default)',
    to: "if (key === 'replicas') return comments;\n  return [...comments, ...printDefault(key, schema.default)",
  },
  {
    name: 'runAsNonRoot false, in both',
    file: 'src/values/pod.ts',
    from: 'runAsNonRoot: true',
    to: 'runAsNonRoot: false',
  },
  { name: 'a rule taken out, of both', file: 'src/resources/rules.ts', from: '  ...connection,\n', to: '' },
  {
    name: 'the hook may write every Secret, in both',
    file: 'src/resources/rbac.ts',
    from: "resourceNames: [nameOf('-cluster')],",
    to: '',
  },
];
