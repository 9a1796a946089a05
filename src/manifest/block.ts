import { type PrintContext, atRoot } from '../expression/print.ts';

/** Where lines are put, and how deep. */
export interface Block {
  readonly lines: string[];
  readonly indent: number;
  readonly context: PrintContext;
  /** The chart's name, which starts the names of its helpers. */
  readonly chart: string;
}

export function newBlock(chart: string): Block {
  return { lines: [], indent: 0, context: atRoot, chart };
}

/** Adds one line at the block's depth. */
export function addLine(block: Block, text: string): void {
  block.lines.push(' '.repeat(block.indent) + text);
}

export function deeper(block: Block, by = 2): Block {
  return { ...block, indent: block.indent + by };
}
