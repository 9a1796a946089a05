import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { printChart } from '../../src/chart/files.ts';
import type { ChartSource } from '../../src/chart/source.ts';
import * as b from '../../src/expression/build.ts';
import { valuesSchema } from '../../src/schema/parse.ts';
import { referencesOf } from '../../src/schema/references.ts';
import { scratchFolder } from '../helm/scratch.ts';

const zod = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:/, { error: 'must be a URL' })
      .describe('Where to send'),
    replicas: z.int().min(0).max(1000).default(2).describe('Number of pods. 0 is possible'),
    suffix: z.string().default('').describe('Comes behind the name | a pipe'),
    mode: z.enum(['fast', 'no', '12:30']).default('no').describe('How'),
    share: z
      .union([
        z.int().min(0).max(9).describe('Pods'),
        z
          .string()
          .regex(/^[0-9]+%$/)
          .describe('Share'),
      ])
      .default('25%')
      .describe('So many'),
    texts: z.array(z.string().describe('Text')).default(['y', '1e3', '0777', 'a: b', '']).describe('Odd texts'),
    labels: z.record(z.string(), z.string().describe('Label')).default({ on: '~', '1': 'null' }).describe('Labels'),
    limits: z
      .strictObject({
        least: z.int().min(0).max(1_000_000_000_000).default(1_000_000).describe('The least'),
        greatest: z.int().min(0).max(1_000_000_000_000).default(2_000_000).describe('The greatest'),
        ratio: z.number().min(0).max(1).default(0.5).describe('A ratio'),
        token: z.strictObject({ name: z.string().describe('Name of a Secret') }).describe('Where the token is'),
      })
      .describe(
        `Limits, which have a description that is so long that it needs more than one line: ${'word '.repeat(12)}.`,
      ),
    free: z.record(z.string(), z.unknown().describe('As it is')).default({}).describe('Anything'),
  })
  .describe('Values of a toy');

const schema = valuesSchema(zod);
const values = referencesOf<z.output<typeof zod>>(schema.json);
const fullname = b.named('toy.fullname', b.trunc(b.concat(b.release.name, values.suffix), 20));

export const toy: ChartSource = {
  name: 'toy',
  version: '1.2.3',
  appVersion: '4.5.6',
  schema,
  rules: [
    {
      holds: b.atMost(values.limits.least, values.limits.greatest),
      message: '`limits.least` must be at most `limits.greatest`',
    },
    { holds: b.not(b.equals(values.mode, 'fast')), message: '`mode` can not be fast: {{ braces }} say nothing' },
  ],
  resources: [
    {
      file: 'configmap',
      manifest: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: fullname, namespace: b.release.namespace, labels: values.labels },
        data: { url: values.url, replicas: b.concat(values.replicas), mode: values.mode },
      },
    },
    {
      file: 'tests/config',
      manifest: b.onlyWhen(b.isNotEmpty(values.suffix), {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'suffixed' },
      }),
    },
  ],
  notes: b.text(['Sends to ', b.asPlain(values.url), '.']),
  helpers: { 'toy.fullname': { file: '_names.tpl', comment: 'The name of the objects.' } },
  metadata: {
    description: 'A toy: with a colon',
    kubeVersion: '>=1.24.0-0',
    home: 'https://example.com',
    icon: 'https://example.com/icon.svg',
    keywords: ['toy', 'no'],
    sources: ['https://example.com/source'],
    maintainers: [{ name: 'Someone', email: 'someone@example.com' }],
    annotations: { 'artifacthub.io/license': 'Apache-2.0', 'artifacthub.io/prerelease': 'false' },
  },
  readme: '# Toy\n\n<!-- values -->\n\nEnd $& $1\n',
  files: { LICENSE: 'Free\n' },
};

/** What must be given. */
export const required = { url: 'http://x', limits: { token: { name: 'secret' } } } as const;

/** Writes the chart into a folder that goes away when the tests end. */
export function writeToy(): string {
  const folder = join(scratchFolder('toy'), toy.name);
  for (const [path, text] of printChart(toy)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
