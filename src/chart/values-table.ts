import { isSection } from '../schema/defaults.ts';
import type { JsonSchema } from '../schema/json-schema.ts';

/** A Markdown table of every value, one row a key, in the order of the schema. */
export function printValuesTable(schema: JsonSchema): string {
  const rows = leavesOf(schema, '').map(({ path, leaf, required }) => {
    const fallback = required ? '**required**' : code(JSON.stringify(leaf.default ?? (isSection(leaf) ? {} : null)));
    return `| ${code(path)} | ${typeOf(leaf)} | ${fallback} | ${escapeCell(leaf.description ?? '')} |`;
  });
  return ['| Key | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

interface Leaf {
  readonly path: string;
  readonly leaf: JsonSchema;
  readonly required: boolean;
}

function leavesOf(schema: JsonSchema, prefix: string): readonly Leaf[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, part]) => {
    const path = `${prefix}${key}`;
    if (Object.keys(part.properties ?? {}).length > 0) return leavesOf(part, `${path}.`);
    return [{ path, leaf: part, required: schema.required?.includes(key) === true }];
  });
}

function typeOf(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => code(JSON.stringify(value))).join(', ');
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  const names: Readonly<Record<string, string>> = { array: 'list', object: 'map', string: 'text' };
  return names[schema.type ?? ''] ?? schema.type ?? 'any';
}

function code(text: string): string {
  return `\`${escapeCell(text)}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
