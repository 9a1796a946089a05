/* Prints the tables of settings and metrics into README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SETTINGS, type Setting } from '../src/config/settings.ts';
import { METRICS } from '../src/observe/metrics.ts';

const path: string = fileURLToPath(new URL('../README.md', import.meta.url));

function settingsTable(): string {
  const rows = Object.entries(SETTINGS as Readonly<Record<string, Setting>>).map(([variable, setting]) => {
    const { min, max, unit, choices, default: value, description, setBy } = setting;
    const bounds = choices
      ? choices.map((choice) => choice || '(empty)').join(', ')
      : min === undefined
        ? setting.type
        : `${min}–${max}${unit && unit !== 'port' ? ` ${unit}` : ''}`;
    const shown = value === undefined ? '**required**' : value === '' ? '' : `\`${value}\``;
    return `| \`${variable}\` | ${shown} | ${bounds} | ${description}${setBy === 'config' ? '' : ` *(set by ${setBy === 'pod' ? 'the pod template' : 'Kubernetes'})*`} |`;
  });
  return ['| variable | default | values | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function metricsTable(): string {
  const rows = Object.entries(METRICS).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** The README with its generated parts as they should be. */
export function withTables(readme: string): string {
  const fill = (text: string, name: string, table: string): string =>
    text.replace(
      new RegExp(`(<!-- ${name}: begin -->\n)[^]*?(<!-- ${name}: end -->)`),
      (_all, begin: string, end: string) => `${begin}${table}\n${end}`,
    );
  return fill(fill(readme, 'settings', settingsTable()), 'metrics', metricsTable());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(path, withTables(readFileSync(path, 'utf8')));
