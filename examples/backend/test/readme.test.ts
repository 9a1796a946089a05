import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { METRICS } from '../src/observe/metrics.ts';
import { parseSettings, SETTINGS } from '../src/settings.ts';

const README = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../README.md'), 'utf8').replace(/ +/g, ' ');

test('README names every setting with its default and meaning', () => {
  for (const [name, [value, meaning]] of Object.entries(SETTINGS))
    expect(README).toContain(`| \`${name}\` | ${value === '' ? '' : `\`${value}\` `}| ${meaning} |`);
});

test('README names every metric with its meaning', () => {
  for (const [name, [, , meaning]] of Object.entries(METRICS)) expect(README).toContain(`| \`${name}\` | ${meaning} |`);
});

test('settings: every problem is told at once, with its variable', () => {
  const problems = {
    PORT: 'x',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://a',
    RETENTION_DAYS: '0',
    REDIS_URL: 'http://a',
    ACCESS_TOKEN: 'guessable',
  };
  expect(() => parseSettings(problems, ['--what'])).toThrow(
    expect.objectContaining({
      code: 'configuration',
      message: expect.stringMatching(
        /--what.*PORT.*LOG_LEVEL.*DATABASE_URL.*REDIS_URL.*ACCESS_TOKEN.*RETENTION_DAYS/s,
      ) as string,
    }),
  );
});

test('settings: what could never work is a mistake, not silently without effect', () => {
  for (const [name, value] of [
    ['ADMIN_TOKEN', 'a token with spaces in it'],
    ['REGISTRATION_TOKEN', 'ein-geheimes-Wört'],
    ['CLIENT_ADDRESS_HEADER', 'CF-Connecting-IP:'],
    ['RELAYER_METRICS_URLS', 'http://a/metrics, relayer:8080'],
    ['SOCKET_PATH', '/'],
    ['SOCKET_PATH', 'socket.io'],
    ['SOCKET_PATH', '/a"b'],
  ] as const)
    expect(() => parseSettings({ [name]: value }), name).toThrow(`\`${name}\` must`);
  const { relayerMetricsUrls } = parseSettings({ RELAYER_METRICS_URLS: 'http://a/metrics, http://b/metrics,' });
  expect(relayerMetricsUrls).toEqual(['http://a/metrics', 'http://b/metrics']);
});

test('settings: Redis without PostgreSQL is a mistake', () => {
  expect(() => parseSettings({ REDIS_URL: 'redis://localhost' })).toThrow(/embedded store is for one node/);
});
