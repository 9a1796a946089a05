import { node } from '../expression/node.ts';
import { define } from '../manifest/helpers.ts';
import { newBlock } from '../manifest/block.ts';
import { printTextLines } from '../manifest/text.ts';
import type { ChartDefinition } from '../manifest/definition.ts';

/** NOTES.txt is one include, so that its text can be rendered without a cluster. */
export function notesName(chart: Pick<ChartDefinition, 'name'>): string {
  return `${chart.name}.notes`;
}

export function printNotesHelper(chart: ChartDefinition): string {
  const of = chart.notes[node];
  if (of.op !== 'text') throw new TypeError('the notes are a text');
  const block = newBlock(chart.name);
  printTextLines(of, block);
  return define(notesName(chart), block.lines, 'What `helm install` prints at its end.');
}
