import { negate } from '../expression/negate.ts';
import type { TextLine, TextNode, TextPart } from '../expression/node.ts';
import { type PrintContext, printCondition, printPresent, printScalar, withGiven } from '../expression/print.ts';
import { type Block, addLine } from './block.ts';
import { literalBeforeAction, verbatim } from './yaml.ts';

/** Prints a block of text as a YAML block scalar's lines; the caller has printed what stands before it. */
export function printYamlText(of: TextNode, block: Block): void {
  if (of.lines.some(holdsRawText)) {
    throw new TypeError('in a manifest text is put in by asJson: as it is it could end the scalar');
  }
  printTextLines(of, block);
}

/** Prints a block of text. */
export function printTextLines(of: TextNode, block: Block): void {
  checkTextLines(of);
  printLines(of.lines, block);
}

function printLines(lines: readonly TextLine[], block: Block): void {
  for (const line of lines) {
    if ('condition' in line) {
      addLine(block, `{{- if ${printCondition(line.condition, block.context)} }}`);
      printLines(line.lines, { ...block, context: withGiven(block.context, line.condition) });
      if (line.otherwise !== undefined) {
        addLine(block, '{{- else }}');
        printLines(line.otherwise, { ...block, context: withGiven(block.context, negate(line.condition)) });
      }
      addLine(block, '{{- end }}');
      continue;
    }
    const text = joinLiterals(line.parts)
      .map((part, i, parts) => printPart(part, block.context, i === parts.length - 1))
      .join('');
    addLine(text === '' ? { ...block, indent: 0 } : block, text);
  }
}

/** Literals that stand side by side as one: `{` and `{` start an action too. */
function joinLiterals(parts: readonly TextPart[]): readonly TextPart[] {
  return parts.reduce<readonly TextPart[]>((joined, part) => {
    const last = joined.at(-1);
    const isOne = typeof part === 'string' && typeof last === 'string';
    return isOne ? [...joined.slice(0, -1), last + part] : [...joined, part];
  }, []);
}

function printPart(part: TextPart, context: PrintContext, isLast: boolean): string {
  if (typeof part === 'string') return isLast ? verbatim(part) : literalBeforeAction(part);
  if (part.node.kind === 'integer') return printScalar(part.node, context) ?? '';
  const encoder = part.as === 'json' || part.node.kind === 'number' ? ' | toJson' : '';
  return `{{ ${printPresent(part.node, context)}${encoder} }}`;
}

function holdsRawText(line: TextLine): boolean {
  if ('condition' in line) return [...line.lines, ...(line.otherwise ?? [])].some(holdsRawText);
  return line.parts.some((part) => typeof part !== 'string' && part.as === 'plain' && part.node.kind === 'string');
}

/** What YAML takes for a line break, or can't hold. */
const unprintable = /[^\P{Cc}\t]|[\u2028\u2029\ufeff\ufffe\uffff]/u;

/**
 * Template actions with `{{-` eat the blank space before them, so a text must not start with any, and neither
 * a condition nor the end of one may follow a blank line. YAML drops blank lines at the end.
 */
function checkTextLines(of: TextNode): void {
  const [first] = of.lines;
  if (
    first === undefined ||
    'condition' in first ||
    typeof first.parts[0] !== 'string' ||
    !/^\S/.test(first.parts[0])
  ) {
    throw new TypeError('a text starts with literal text that is neither blank nor indented');
  }
  checkLines(of.lines);
}

function checkLines(lines: readonly TextLine[]): void {
  lines.forEach((line, i) => {
    const next = lines[i + 1];
    if ('condition' in line) {
      checkLines(line.lines);
      checkLines(line.otherwise ?? []);
      return;
    }
    const literals = line.parts.filter((part) => typeof part === 'string');
    if (literals.some((part) => unprintable.test(part))) {
      throw new TypeError('a line of text holds no line break and no control character');
    }
    const last = line.parts.at(-1);
    if (typeof last === 'string' && /\s$/.test(last)) throw new TypeError('a line of text ends in no blank space');
    const isBlank = line.parts.every((part) => part === '');
    if (isBlank && (next === undefined || 'condition' in next)) {
      throw new TypeError('a blank line before a condition or at an end would be trimmed away');
    }
  });
}
