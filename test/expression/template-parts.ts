/** One `define` of the chart's helpers, or a template without any. */
export interface TemplatePart {
  readonly name: string;
  readonly lines: readonly string[];
}

const action = /\{\{-?\s*((?:"(?:[^"\\]|\\.)*"|[^"])*?)\s*-?\}\}/g;
const literalAction = /\{\{ "(?:[^"\\]|\\.)*" \}\}/g;
const control = /^(if|else|end|range|with|define|\/\*|\$\w+ :?=)/;

/** Cuts a template into its `define` blocks, which start and end at the line's start. */
export function partsOf(path: string, text: string): readonly TemplatePart[] {
  const defines = text.split(/^\{\{- define /m).slice(1);
  if (defines.length === 0) return [{ name: path, lines: text.split('\n').slice(1) }];
  return defines.map((define) => {
    const end = define.lastIndexOf('\n{{- end }}');
    return { name: /^"([^"]+)"/.exec(define)?.[1] ?? '', lines: define.slice(0, end).split('\n').slice(1) };
  });
}

/** What the actions of a template print: all but control structures and assignments. */
export function pipelinesOf(lines: readonly string[]): readonly string[] {
  const all = [...lines.join('\n').matchAll(action)].map((match) => match[1] ?? '');
  return all.filter((text) => !control.test(text));
}

/** True for a helper that is one scalar, or pieces of one: each of its lines is an action, and none gives YAML lines. */
export function isScalarHelper(part: TemplatePart): boolean {
  const isDefine = !part.name.startsWith('templates/');
  const pipelines = pipelinesOf(part.lines);
  const isStructure = pipelines.some((text) => /\| nindent [0-9]+$|^toYaml |^include "[^"]+\.merge/.test(text));
  return isDefine && !isStructure && part.lines.every((line) => line.startsWith('{{'));
}

/** Lines on which an action stands beside other text than a key or a dash. Literal text is no matter. */
export function mixedLines(part: TemplatePart): readonly string[] {
  return part.lines.filter((line) => {
    const rest = line.replace(literalAction, '');
    return rest.includes('{{ ') && !/^ *(- )*([^ ].*: )?\{\{ ("(?:[^"\\]|\\.)*"|[^"{}])*\}\}$/.test(rest);
  });
}
