import { ChartError } from '../errors.ts';
import type { ChartSource } from './source.ts';
import { problemsName } from './validation.ts';
import { notesName } from './notes.ts';

/** Distributes the helpers over their files, in the order given. Throws for a placement of no helper. */
export function placeHelpers(source: ChartSource, helpers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  for (const name of Object.keys(source.helpers ?? {})) {
    if (!helpers.has(name)) throw new ChartError('not-printable', `the chart has no helper ${name} to place`);
  }
  const files = new Map<string, string[]>();
  for (const [name, text] of helpers) {
    const file = source.helpers?.[name]?.file ?? defaultFile(source, name);
    const comment = source.helpers?.[name]?.comment;
    const block = comment === undefined ? text : `{{/* ${comment} */}}\n${text}`;
    files.set(file, [...(files.get(file) ?? []), block]);
  }
  return new Map([...files].map(([file, blocks]) => [file, `\n${blocks.join('\n\n')}\n`]));
}

function defaultFile(source: ChartSource, name: string): string {
  if (name === notesName(source)) return '_notes.tpl';
  return name.startsWith(problemsName(source)) ? '_validation.tpl' : '_helpers.tpl';
}
