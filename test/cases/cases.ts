import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Json } from '../helm/json.ts';

/** A values document that once mattered, and what must come of it, as its first line says. */
export interface Case {
  readonly name: string;
  readonly values: Json;
  /** Part of the refusal's message; undefined where the document is rendered. */
  readonly refusal: RegExp | undefined;
  readonly about: string;
}

const folder = fileURLToPath(new URL('.', import.meta.url));

export const cases: readonly Case[] = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readCase(join(folder, file)));

function readCase(path: string): Case {
  const text = readFileSync(path, 'utf8');
  const [, verdict, about = ''] = /^# (renders|refused): (.*)$/m.exec(text) ?? [];
  if (verdict === undefined) throw new Error(`${path} does not say what must come of it`);
  return {
    name: basename(path, '.yaml'),
    values: parse(text, { version: '1.1' }) as Json,
    refusal: verdict === 'refused' ? new RegExp(about) : undefined,
    about,
  };
}
