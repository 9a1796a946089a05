import type { TextLine, TextNode, TextPart } from '../expression/node.ts';
import { type PrintContext, printCondition, printPresent, printScalar, withGiven } from '../expression/print.ts';
import type { Block } from './print.ts';
import { verbatim } from './yaml.ts';

/** Prints a block of text; the caller has printed what stands before it. */
export function printTextLines(of: TextNode, block: Block): void {
  checkTextLines(of);
  printLines(of.lines, block);
}

function printLines(lines: readonly TextLine[], block: Block): void {
  const indent = ' '.repeat(block.indent);
  for (const line of lines) {
    if ('condition' in line) {
      block.lines.push(`${indent}{{- if ${printCondition(line.condition, block.context)} }}`);
      printLines(line.lines, { ...block, context: withGiven(block.context, line.condition) });
      block.lines.push(`${indent}{{- end }}`);
      continue;
    }
    const text = line.parts.map((part) => printPart(part, block.context)).join('');
    block.lines.push(text === '' ? '' : indent + text);
  }
}

function printPart(part: TextPart, context: PrintContext): string {
  if (typeof part === 'string') return verbatim(part);
  if (part.node.kind === 'integer') return printScalar(part.node, context) ?? '';
  const encoder = part.as === 'json' ? ' | toJson' : '';
  return `{{ ${printPresent(part.node, context)}${encoder} }}`;
}

/**
 * Template actions with `{{-` eat the blank space before them, so a text must not start with any, and neither
 * a condition nor the end of one may follow a blank line.
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
  checkNoTrimmedBlank(of.lines, false);
}

function checkNoTrimmedBlank(lines: readonly TextLine[], inCondition: boolean): void {
  lines.forEach((line, i) => {
    const next = lines[i + 1];
    if ('condition' in line) {
      checkNoTrimmedBlank(line.lines, true);
      return;
    }
    const isBlank = line.parts.every((part) => typeof part === 'string' && part.trim() === '');
    const trimmed = next === undefined ? inCondition : 'condition' in next;
    if (isBlank && trimmed) throw new TypeError('a blank line before a condition or its end would be trimmed away');
  });
}
