import { type Json, type JsonMap, isJsonMap } from '../helm/json.ts';
import { type Block, blocksOf } from './markdown.ts';
import { requiredKeys, requiredSecrets } from './pages.ts';

/** The blocks of a page that are values of this chart: not whole objects, and not a parent chart's files. */
export function valuesBlocksOf(page: string): readonly Block[] {
  return blocksOf(page).filter((block) => block.language === 'yaml' && !isOther(block));
}

function isOther({ text, headings }: Block): boolean {
  return /^(kind|dependencies):/m.test(text) || headings.includes('As a Subchart');
}

/** With the keys that a shorter block leaves out. */
export function completed(block: Json): JsonMap {
  const values = isJsonMap(block) ? block : {};
  const secrets = isJsonMap(values['secrets']) ? values['secrets'] : {};
  const base =
    secrets['mode'] === 'external' || 'kubernetes' in secrets ? requiredKeys : { ...requiredKeys, ...requiredSecrets };
  const store = secrets['mode'] === 'external' ? { secrets: { external: { secretStore: { name: 'vault' } } } } : {};
  return withoutSpareSecrets(merge(merge(base, store), values));
}

/** An inline token or key beside an existing Secret is refused. */
function withoutSpareSecrets(values: JsonMap): JsonMap {
  const spare = (section: string, key: string): JsonMap => {
    const map = values[section];
    if (!isJsonMap(map) || map['existingSecret'] === undefined) return {};
    return { [section]: Object.fromEntries(Object.entries(map).filter(([name]) => name !== key)) };
  };
  return { ...values, ...spare('cloudflare', 'tunnelToken'), ...spare('llm', 'apiKey') };
}

function merge(base: JsonMap, over: JsonMap): JsonMap {
  const merged = Object.entries(over).map(([key, value]): [string, Json] => {
    const below = base[key];
    return [key, isJsonMap(below) && isJsonMap(value) ? merge(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(merged) };
}
