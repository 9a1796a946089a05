import { endsInUsersYaml } from './ends.ts';
import { functionRow, parameterKind } from './functions.ts';
import { goJson, goString } from './go.ts';
import { negate } from './negate.ts';
import type { CallNode, Kind, LiteralNode, NamedNode, Node } from './node.ts';

/** Where a text will stand. */
export interface PrintContext {
  /** What the root of Helm's context is called there: `$` inside `range`. */
  readonly root: '.' | '$';
  /** The conditions, as printed, that hold there: inside `{{- if .Values.a }}` the text `.Values.a`. */
  readonly given: ReadonlySet<string>;
}
/** The start of a template or helper: nothing is known yet. */
export const atRoot: PrintContext = { root: '.', given: new Set() };

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The text of an expression for a pipeline, such as `.Values.nameOverride | default "x" | trunc 63`. */
export function printInline(of: Node, context: PrintContext): string {
  switch (of.op) {
    case 'literal':
      return printLiteral(of, of.kind);
    case 'reference':
      return printPath(`${context.root === '.' ? '' : '$'}.${of.root}`, of.path);
    case 'item':
      return printPath(`$${of.variable}`, of.path);
    case 'call':
      return printCall(of, context);
    case 'choose': {
      const branches = [of.then, of.otherwise].map((branch) => printOperand(branch, context, of.kind));
      return `ternary ${branches.join(' ')} ${printOperand(of.condition, context)}`;
    }
    case 'named': {
      const include = printInclude(of, context);
      return of.kind === 'boolean' ? `eq (${include}) "true"` : include;
    }
    case 'list':
      return `list ${of.items.map((item) => printMember(item, context)).join(' ')}`.trimEnd();
    case 'map':
      return `dict ${of.entries.map(([key, value]) => `${goString(key)} ${printMember(value, context)}`).join(' ')}`.trimEnd();
    case 'text':
    case 'when':
    case 'splice':
    case 'forEach':
    case 'mergeMaps':
    case 'mergeByKey':
    case 'keepEmpty':
      throw new TypeError(`${of.op} has no text inside an expression; give it a helper of its own`);
  }
}

/** In a manifest an empty collection is left out with its key; in a `dict` or `list` it would stay. */
function printMember(of: Node, context: PrintContext): string {
  if ((of.kind === 'list' || of.kind === 'map') && of.op !== 'list' && of.op !== 'map') {
    throw new TypeError(`a ${of.kind} that may be empty has no text inside an expression; give it a helper of its own`);
  }
  return printOperand(of, context);
}

function printInclude(of: NamedNode, context: PrintContext): string {
  const include = `include ${goString(of.name)} ${context.root}`;
  if (of.kind === 'integer') return `${include} | int64`;
  if (of.kind !== 'map' && of.kind !== 'list') return include;
  // A `|+` block that ends in two line breaks would be read back with one.
  const whole = endsInUsersYaml(of.body) ? `${include} | printf "%s\\n"` : include;
  return `${whole} | ${of.kind === 'map' ? 'fromYaml' : 'fromYamlArray'}`;
}

function printPath(from: string, path: readonly string[]): string {
  const odd = path.findIndex((key) => !identifier.test(key));
  if (odd < 0) return [from, ...path].join('.');
  return `index ${[from, ...path.slice(0, odd)].join('.')} ${path.slice(odd).map(goString).join(' ')}`;
}

function printLiteral(of: LiteralNode, kind: Kind): string {
  if (typeof of.value === 'string') return goString(of.value);
  if (of.value === null) return 'nil';
  const text = String(of.value);
  // Go takes digits alone for an integer; with an exponent it is a float already.
  return typeof of.value === 'number' && kind === 'number' && /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

/** In parentheses where it is more than one word. */
function parenthesize(text: string): string {
  return text.includes(' ') && !/^"([^"\\]|\\.)*"$/.test(text) ? `(${text})` : text;
}

/**
 * The text of an operand, cast to the kind that the function takes: values files give float64 (or json.Number),
 * `--set` gives int64, and Go's comparisons take no mixture.
 */
export function printOperand(of: Node, context: PrintContext, kind: Kind = of.kind): string {
  if (kind === 'integer') return printInteger(of, context);
  if (kind === 'number') {
    return of.op === 'literal' ? printLiteral(of, 'number') : `(float64 ${parenthesize(printInline(of, context))})`;
  }
  return parenthesize(printPresent(of, context));
}

function printInteger(of: Node, context: PrintContext): string {
  const text = parenthesize(printInline(of, context));
  return of.op === 'reference' || of.op === 'item' ? `(int64 ${text})` : text;
}

const emptyLiteral: Readonly<Partial<Record<Kind, string>>> = { string: '""', list: 'list', map: 'dict' };

/** `null` may have taken an optional value away: then its empty form stands for it. */
export function printPresent(of: Node, context: PrintContext): string {
  const text = printInline(of, context);
  if (of.op !== 'reference' || !of.optional || context.given.has(printInline(of, atRoot))) return text;
  return `${text} | default ${emptyLiteral[of.kind] ?? '""'}`;
}

function printCall(of: CallNode, context: PrintContext): string {
  if (of.fn === 'concat') return printConcat(of.args, context);
  const row = functionRow(of.fn);
  const subject = of.args.at(-1);
  if (row.piped === true && subject !== undefined && subject.op !== 'literal' && typeof row.helm === 'string') {
    const others = of.args.slice(0, -1).map((arg, i) => printOperand(arg, context, parameterKind(row, i)));
    return `${printSubject(of, subject, context)} | ${[row.helm, ...others].join(' ')}`;
  }
  const operands = of.args.map((arg, i) =>
    row.acceptsMissing === true
      ? parenthesize(printInline(arg, context))
      : printOperand(arg, context, parameterKind(row, i)),
  );
  return typeof row.helm === 'string' ? `${row.helm} ${operands.join(' ')}` : row.helm(...operands);
}

function printSubject(of: CallNode, subject: Node, context: PrintContext): string {
  const row = functionRow(of.fn);
  const kind = parameterKind(row, of.args.length - 1);
  if (kind === 'number') return `${printInline(subject, context)} | float64`;
  return row.acceptsMissing === true ? printInline(subject, context) : printPresent(subject, context);
}

/** `printf "%s-%d" a (int64 b)` */
function printConcat(parts: readonly Node[], context: PrintContext): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && only.op !== 'literal') return printText(only, context);
  const format = parts.map(formatOf).join('');
  const operands = parts.filter((part) => part.op !== 'literal').map((part) => printConcatOperand(part, context));
  return operands.length === 0
    ? goString(format.replaceAll('%%', '%'))
    : `printf ${goString(format)} ${operands.join(' ')}`;
}

/** One number as text: `.Values.port | int64 | toString`. */
function printText(of: Node, context: PrintContext): string {
  if (of.kind === 'string') return printPresent(of, context);
  if (of.kind === 'number') return `${printInline(of, context)} | float64 | toJson`;
  const cast = of.op === 'reference' || of.op === 'item' ? ' | int64' : '';
  return `${printInline(of, context)}${cast} | toString`;
}

function formatOf(part: Node): string {
  if (part.op === 'literal') {
    const text = typeof part.value === 'string' ? part.value : goJson(part.value);
    return text.replaceAll('%', '%%');
  }
  return part.kind === 'integer' ? '%d' : '%s';
}

function printConcatOperand(part: Node, context: PrintContext): string {
  if (part.kind === 'integer' || part.kind === 'string') return printOperand(part, context);
  return `(toJson ${printOperand(part, context)})`;
}

/** The text for `{{- if … }}`, where any non-empty value counts as true. */
export function printCondition(of: Node, context: PrintContext): string {
  if (of.op === 'named') return printInclude(of, context);
  if (of.op === 'call') {
    const operand = of.args[0];
    if (of.fn === 'isEmpty' && operand !== undefined) return `not ${parenthesize(printInline(operand, context))}`;
    if (of.fn === 'not' && operand !== undefined) return printNegation(operand, context);
    if (of.fn === 'and' || of.fn === 'or') {
      return `${of.fn} ${of.args.map((arg) => parenthesize(printCondition(arg, context))).join(' ')}`;
    }
  }
  return printInline(of, context);
}

const opposites: Readonly<Record<string, string>> = {
  equalStrings: 'ne',
  equalBooleans: 'ne',
  equalIntegers: 'ne',
  lessIntegers: 'ge',
  lessNumbers: 'ge',
  atMostIntegers: 'gt',
  atMostNumbers: 'gt',
};

/** The opposite of a condition, as a person would write it. */
export function printNegation(of: Node, context: PrintContext): string {
  if (of.op === 'call') {
    const operand = of.args[0];
    if (of.fn === 'not' && operand !== undefined) return printCondition(operand, context);
    if (of.fn === 'isEmpty' && operand !== undefined) return printInline(operand, context);
    if (of.fn === 'and' || of.fn === 'or') return printCondition(negate(of), context);
    const opposite = opposites[of.fn];
    if (opposite !== undefined) return printInline(of, context).replace(/^[a-z]+/, opposite);
  }
  return `not ${parenthesize(printCondition(of, context))}`;
}

/**
 * A YAML scalar: every value goes through an encoder of its kind, so that none can break out of its place or
 * change its type. Undefined for a list or map.
 */
export function printScalar(of: Node, context: PrintContext): string | undefined {
  switch (of.kind) {
    case 'string':
      return `{{ ${printPresent(of, context)} | quote }}`;
    case 'integer':
      return of.op === 'reference' || of.op === 'item'
        ? `{{ ${printInline(of, context)} | int64 }}`
        : `{{ ${printInline(of, context)} }}`;
    case 'number':
    case 'boolean':
    case 'scalar':
      return `{{ ${printInline(of, context)} | toJson }}`;
    case 'list':
    case 'map':
      return undefined;
  }
}

/** Inside `if C`, every part of C is known to hold. */
export function withGiven(context: PrintContext, condition: Node): PrintContext {
  const parts = condition.op === 'call' && condition.fn === 'and' ? condition.args : [condition];
  return { ...context, given: new Set([...context.given, ...parts.map((part) => printCondition(part, atRoot))]) };
}
