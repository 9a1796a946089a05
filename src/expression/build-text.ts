/** Builders of blocks of text: a multi-line value, or NOTES.txt. */
import { checkPrintable } from './check-printable.ts';
import { type Expression, type Text, type TextLine, type TextPart, node, wrap } from './node.ts';

/** Quoted and escaped where it stands: for YAML or JSON inside a text. */
export function asJson(value: Expression<unknown>): TextPart {
  return { node: value[node], as: 'json' };
}
/** As it is: for prose that a person reads. */
export function asPlain(value: Expression<string | number>): TextPart {
  checkPrintable('asPlain', value[node].kind);
  return { node: value[node], as: 'plain' };
}
type Line = string | readonly TextPart[] | TextLine;
function lineOf(line: Line): TextLine {
  if (typeof line === 'string') return { parts: [line] };
  return isTextLine(line) ? line : { parts: line };
}
function isTextLine(line: readonly TextPart[] | TextLine): line is TextLine {
  return !Array.isArray(line);
}
/** A text of several lines: literal text, parts, or lines under a condition. */
export function text(...lines: readonly Line[]): Text {
  return wrap({ op: 'text', kind: 'string', lines: lines.map(lineOf) });
}
/** Lines that are there under a condition. */
export function linesWhen(condition: Expression<boolean>, ...lines: readonly Line[]): TextLine {
  return { condition: condition[node], lines: lines.map(lineOf) };
}
/** Lines of which one set is there: `{{- if condition }}` … `{{- else }}` … `{{- end }}`. */
export function linesEither(
  condition: Expression<boolean>,
  then: readonly Line[],
  otherwise: readonly Line[],
): TextLine {
  return { condition: condition[node], lines: then.map(lineOf), otherwise: otherwise.map(lineOf) };
}
/** A text in a helper of its own. */
export function namedText(name: string, body: Text): Expression<string> {
  return wrap({ op: 'named', name, kind: 'string', body: body[node] });
}
