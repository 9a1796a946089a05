import { goString } from '../expression/go.ts';
import { negate } from '../expression/negate.ts';
import type {
  ListNode,
  MapNode,
  MergeByKeyNode,
  MergeMapsNode,
  NamedNode,
  Node,
  WhenNode,
} from '../expression/node.ts';
import {
  type PrintContext,
  atRoot,
  printCondition,
  printInline,
  printOperand,
  printPresent,
  printScalar,
  withGiven,
} from '../expression/print.ts';
import { type Block, addLine, deeper } from './block.ts';
import { isKnown, presenceOf } from './presence.ts';
import { printYamlText } from './text.ts';
import { yamlKey, yamlScalar } from './yaml.ts';

const maxLineLength = 120;

/** Prints `{{- if … }}`, the branches and `{{- end }}`; `each` prints one branch. */
export function printWhen(
  of: WhenNode,
  block: Block,
  each: (branch: Node, block: Block) => void,
  keyword = 'if',
): void {
  addLine(block, `{{- ${keyword} ${printCondition(of.condition, block.context)} }}`);
  each(of.then, { ...block, context: withGiven(block.context, of.condition) });
  const otherwise = { ...block, context: withGiven(block.context, negate(of.condition)) };
  if (of.otherwise?.op === 'when') {
    printWhen(of.otherwise, otherwise, each, 'else if');
    return;
  }
  if (of.otherwise !== undefined) {
    addLine(block, '{{- else }}');
    each(of.otherwise, otherwise);
  }
  addLine(block, '{{- end }}');
}

/** The entries of a map or the items of a list, at the block's depth. */
export function printBody(of: Node, block: Block): void {
  switch (of.op) {
    case 'map':
      printEntries(of, block);
      return;
    case 'list':
      printItems(of, block);
      return;
    case 'when':
      printPart(of, block, printBody);
      return;
    case 'mergeMaps':
      printMergeMaps(of, block);
      return;
    case 'mergeByKey':
      printMergeByKey(of, block);
      return;
    case 'named':
      addLine(block, `{{- ${printInclude(of, block)}${nindent(block)} }}`);
      return;
    default:
      addLine(block, `{{- toYaml ${printOperand(of, block.context)}${nindent(block)} }}`);
  }
}

/** Starts a line of its own, except at the very start of a helper. */
function nindent(block: Block): string {
  return block.indent === 0 && block.lines.length === 0 ? '' : ` | nindent ${block.indent}`;
}

function printEntries(of: MapNode, block: Block): void {
  for (const run of runsOf(of.entries)) {
    const condition = run.length > 1 ? conditionOf(run[0]) : undefined;
    if (condition === undefined || isKnown(condition, block.context)) {
      for (const [key, value] of run) printEntry(key, value, block);
      continue;
    }
    addLine(block, `{{- if ${printCondition(condition, block.context)} }}`);
    const inner = { ...block, context: withGiven(block.context, condition) };
    for (const [key, value] of run) printEntry(key, value, inner);
    addLine(block, '{{- end }}');
  }
}

type Entry = MapNode['entries'][number];

/** Neighbours under the same condition share one `if`. */
function runsOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const runs: Entry[][] = [];
  let last: string | undefined;
  for (const entry of entries) {
    const condition = conditionOf(entry);
    const text = condition === undefined ? undefined : printCondition(condition, atRoot);
    if (text !== undefined && text === last) runs.at(-1)?.push(entry);
    else runs.push([entry]);
    last = text;
  }
  return runs;
}

/** The condition of an entry that is there or not. */
function conditionOf(entry: Entry | undefined): Node | undefined {
  const value = entry?.[1];
  return value?.op === 'when' && value.otherwise === undefined ? value.condition : undefined;
}

function printEntry(key: string, value: Node, block: Block): void {
  if (value.op === 'when') {
    printPart(value, block, (branch, inner) => printEntry(key, branch, inner));
    return;
  }
  if (isUserCollection(value) && !isKnown(presenceOf(value), block.context)) {
    printWith(printInline(value, block.context), block, () => {
      addLine(block, `${yamlKey(key)}:`);
      addLine(deeper(block), `{{- toYaml .${nindent(deeper(block))} }}`);
    });
    return;
  }
  if (isConditionalHelper(value)) {
    printWith(printInclude(value, block), block, () => {
      addLine(block, `${yamlKey(key)}:`);
      addLine(deeper(block), `{{- .${nindent(deeper(block))} }}`);
    });
    return;
  }
  printGuarded(value, block, (inner) => printValue(`${yamlKey(key)}:`, value, inner));
}

function printWith(text: string, block: Block, print: () => void): void {
  addLine(block, `{{- with ${text} }}`);
  print();
  addLine(block, '{{- end }}');
}

function printInclude(of: NamedNode, block: Block): string {
  return `include ${goString(of.name)} ${block.context.root}`;
}

/** A helper whose text is empty when nothing is left of it. */
function isConditionalHelper(of: Node): of is NamedNode {
  return of.op === 'named' && (of.body.op === 'map' || of.body.op === 'list') && presenceOf(of) !== true;
}

/** A part under a condition that may be known to hold, and whose own presence is asked in the same `if`. */
function printPart(of: WhenNode, block: Block, each: (branch: Node, block: Block) => void): void {
  if (isKnown(of.condition, block.context)) {
    each(of.then, block);
    return;
  }
  if (of.otherwise !== undefined) {
    printWhen(of, block, each);
    return;
  }
  // An expression of the user's guards itself, by `with`.
  const condition = isUserCollection(of.then) || isConditionalHelper(of.then) ? of.condition : presenceOf(of);
  printWhen({ ...of, condition: condition === true ? of.condition : condition }, block, each);
}

/** A list or map that comes from the values as it is, and may be empty. */
function isUserCollection(of: Node): boolean {
  const isExpression = of.op === 'reference' || of.op === 'item' || of.op === 'call';
  return isExpression && (of.kind === 'list' || of.kind === 'map') && presenceOf(of) !== true;
}

/** Puts the presence condition around a part, unless it is known to hold there. */
function printGuarded(of: Node, block: Block, print: (block: Block) => void): void {
  const presence = presenceOf(of);
  if (presence === true || isKnown(presence, block.context)) {
    print(block);
    return;
  }
  addLine(block, `{{- if ${printCondition(presence, block.context)} }}`);
  print({ ...block, context: withGiven(block.context, presence) });
  addLine(block, '{{- end }}');
}

/** A value that fits on its key's line, or undefined. */
function printOnOneLine(of: Node, context: PrintContext): string | undefined {
  switch (of.op) {
    case 'literal':
      return yamlScalar(of.value);
    case 'map':
      return of.entries.length === 0 ? '{}' : undefined;
    case 'list':
      return of.items.length === 0 ? '[]' : undefined;
    case 'named':
      return of.body.op === 'text' ? undefined : printScalar(of, context);
    case 'reference':
    case 'item':
    case 'call':
    case 'choose':
      return printScalar(of, context);
    case 'keepEmpty':
      return printScalar(of.value, context) ?? `{{ ${printPresent(of.value, context)} | toJson }}`;
    default:
      return undefined;
  }
}

/** `head` is `key:` or `-`; the value follows on the same line or below. */
function printValue(head: string, of: Node, block: Block): void {
  const line = printOnOneLine(of, block.context);
  if (line !== undefined) {
    addLine(block, `${head} ${line}`);
    return;
  }
  if (of.op === 'text') {
    addLine(block, `${head} |`);
    printYamlText(of, deeper(block));
    return;
  }
  if (of.op === 'named' && of.kind === 'string') {
    addLine(block, `${head} |`);
    addLine(deeper(block), `{{- ${printInline(of, block.context)}${nindent(deeper(block))} }}`);
    return;
  }
  addLine(block, head);
  printBody(of, deeper(block));
}

function printItems(of: ListNode, block: Block): void {
  for (const item of of.items) printItem(item, block);
}

function printItem(of: Node, block: Block): void {
  switch (of.op) {
    case 'when':
      printPart(of, block, printItem);
      return;
    case 'splice':
      if (isKnown(presenceOf(of), block.context)) {
        addLine(block, `{{- toYaml ${printOperand(of.list, block.context)}${nindent(block)} }}`);
        return;
      }
      printWith(printInline(of.list, block.context), block, () => addLine(block, `{{- toYaml .${nindent(block)} }}`));
      return;
    case 'forEach':
      addLine(block, `{{- range $${of.variable} := ${printInline(of.list, block.context)} }}`);
      printItem(of.body, { ...block, context: { ...block.context, root: '$' } });
      addLine(block, '{{- end }}');
      return;
    default:
      printGuarded(of, block, (inner) => printPresentItem(of, inner));
  }
}

function printPresentItem(of: Node, block: Block): void {
  const fits = printOnOneLine(of, block.context) !== undefined;
  if (fits || of.kind === 'string') {
    printValue('-', of, block);
    return;
  }
  const inner: Block = { ...deeper(block), lines: [] };
  printBody(of, inner);
  const [first = '', ...rest] = inner.lines;
  if (first.trimStart().startsWith('{{')) {
    addLine(block, '-');
    block.lines.push(...inner.lines);
    return;
  }
  addLine(block, `- ${first.trimStart()}`);
  block.lines.push(...rest);
}

function printMergeMaps(of: MergeMapsNode, block: Block): void {
  const helper = goString(`${block.chart}.merge`);
  const parts = of.parts.map((part) => printMergePart(part, block.context));
  const end = `${nindent(block)} }}`;
  const oneLine = `{{- include ${helper} (list ${parts.join(' ')})${end}`;
  if (block.indent + oneLine.length <= maxLineLength) {
    addLine(block, oneLine);
    return;
  }
  addLine(block, `{{- include ${helper} (list`);
  for (const part of parts) addLine(deeper(block, 6), part);
  addLine(deeper(block, 4), `)${end}`);
}

/** The merge helper takes a missing map for an empty one. */
function printMergePart(of: Node, context: PrintContext): string {
  if (of.op === 'reference') return printInline(of, context);
  return printOperand(of, context);
}

function printMergeByKey(of: MergeByKeyNode, block: Block): void {
  const helper = goString(`${block.chart}.mergeByKey`);
  const ours = printOperand(of.ours, block.context);
  const theirs = printMergePart(of.theirs, block.context);
  addLine(block, `{{- include ${helper} (list ${goString(of.key)} ${ours} ${theirs})${nindent(block)} }}`);
}
