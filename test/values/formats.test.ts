import { describe, expect, it } from 'vitest';
import { formats, formed, formedOrEmpty } from '../../src/values/formats.ts';

const long = (count: number, text = 'a'): string => text.repeat(count);

/** Good and bad examples of each form. */
const examples: Readonly<Record<keyof typeof formats, readonly [good: readonly string[], bad: readonly string[]]>> = {
  dnsLabel: [
    ['a', '1', 'a-b', long(63)],
    ['', '-a', 'a-', 'A', 'a.b', 'a_b', long(64), 'a\n', 'é'],
  ],
  dnsSubdomain: [
    ['a', 'a.b', '1.2.3', 'a-b.c-d'],
    ['', '.a', 'a.', 'a..b', 'A', 'a_b', '-a', 'a\n'],
  ],
  clusterName: [
    ['abc', 'a-1', '123', 'production-us-east-1', long(63)],
    ['', 'ab', '-ab', 'ab-', 'Abc', 'a.b', 'a_b', long(64), 'abc\n'],
  ],
  dataKey: [
    ['token', 'ca.crt', '.token', 'A_b-c.d', '0'],
    ['', '..', '..a', 'a/b', 'a b', long(254)],
  ],
  labelKey: [
    ['app', 'a.b/c', 'app.kubernetes.io/name', 'A_b.c', long(63)],
    ['', '/a', 'a/', 'A.b/c', 'a/b/c', '-a', 'a-', long(64)],
  ],
  labelValue: [
    ['', 'a', 'A_b-c.1', long(63)],
    ['-a', 'a-', 'a/b', 'a b', long(64), 'a\n'],
  ],
  annotationKey: [
    ['a', 'A.B/c', 'eks.amazonaws.com/role-arn', 'sidecar.istio.io/inject'],
    ['', '/a', 'a/b/c', 'a b'],
  ],
  environmentVariable: [
    ['A', '_a', 'a.b-c', 'PATH2'],
    ['', '1A', 'A=B', 'A B', '-A'],
  ],
  absolutePath: [
    ['/', '/a/b', '/var/run/x-y_z.1'],
    ['', 'a', './a', '/a b', '/a:b'],
  ],
  httpPath: [
    ['/a', '/socket.io', '/a/b/', '/a%20b'],
    ['', '/', 'a', '/..', '/a/../b', '/.', '/a?b', '/a#b', '/a b', '/%2'],
  ],
  url: [
    [
      'https://a',
      'http://localhost:3000',
      'https://a.example.com:8443/base/path/',
      'https://192.0.2.1',
      'https://[2001:db8::1]:443/x',
      'https://a/',
      'https://xn--a.example',
    ],
    [
      '',
      'a.example.com',
      'ftp://a',
      'HTTPS://a',
      'https://',
      'https://user:pass@a',
      'https://a?b=c',
      'https://a#b',
      'https://a:0',
      'https://a:65536',
      'https://a b',
      'https://a/../b',
      'https://1.2.3',
      'https://999.1.1.1',
      'https://[::g]',
      'https://a\n',
      'wss://a',
    ],
  ],
  origin: [
    ['http://proxy:3128', 'https://proxy.example.com', 'http://10.0.0.1:3128/'],
    ['http://proxy:3128/path', 'proxy:3128', 'http://user@proxy', 'socks5://proxy'],
  ],
  noProxy: [
    ['', '.svc', 'localhost,127.0.0.1, 10.0.0.0/8', '*.example.com', '[::1]'.slice(1, 4)],
    ['a;b', 'a\nb', '$(x)'],
  ],
  cidr: [
    ['10.0.0.0/8', '0.0.0.0/0', '192.0.2.1/32', 'fd00::/8', '::/0', '2001:db8::1/128', '::1/128'],
    [
      '',
      '10.0.0.0',
      '10.0.0.0/33',
      '256.0.0.0/8',
      '10.0.0/8',
      'fd00::/129',
      'fd00::',
      ':::/0',
      '1::2::3/64',
      'a/8',
      '01.0.0.0/8',
    ],
  ],
  clusterIp: [
    ['None', '10.0.0.1', 'fd00::1'],
    ['', 'none', '10.0.0', '10.0.0.1/32'],
  ],
  duration: [
    ['1s', '30s', '10m', '1h', '1000h'],
    ['', '0s', '30', '01s', '1.5h', '1m30s', '-1s', '1d', '1ms', ' 1s', '1S'],
  ],
  quantity: [
    ['1', '500Mi', '2Gi', '10G', '999999Ti', '1073741824'],
    ['', '0', '-1Gi', '1.5Gi', '1gi', '1Pi', '1000000Ki', '1 Gi', '1e9', '.5Gi'],
  ],
  percentage: [
    ['0%', '1%', '50%', '100%'],
    ['', '50', '101%', '01%', '-1%', '5.5%', '%'],
  ],
  imageRegistry: [
    ['ghcr.io', 'localhost:5000', 'registry.example.com/mirror', 'a.b:443/c/d'],
    ['', 'http://a', 'a/', 'a/B', 'a b', 'a:0'],
  ],
  imageRepository: [
    ['a', 'consonant/relayer', 'a-b/c_d.e'],
    ['', 'A', 'a:1', '/a', 'a/', 'a@sha256:b', 'a b'],
  ],
  imageTag: [
    ['1.0.0', 'latest', 'v1_2-3', long(128)],
    ['', '.a', '-a', 'a:b', 'a/b', 'a+b', long(129)],
  ],
  imageDigest: [
    [`sha256:${long(64, '0')}`],
    ['', 'sha256:abc', long(64), `sha256:${long(64, 'A')}`, `sha256:${long(65)}`, `sha512:${long(64)}`],
  ],
  printable: [
    ['a', 'gpt-4o', 'secret/data/x y', '{{ x }}'],
    ['', 'a\n', 'é', '\t'],
  ],
  apiVersion: [
    ['v1', 'apps/v1', 'a.b.c/v1beta1'],
    ['', 'v 1', 'a/b/c', '/v1', 'V1'],
  ],
  externalSecretsVersion: [
    ['external-secrets.io/v1', 'external-secrets.io/v1beta1'],
    ['', 'v1', 'external-secrets.io/v2', 'external-secretsxio/v1'],
  ],
  kind: [
    ['Pod', 'HTTPRoute'],
    ['', '1a', 'a-b', 'a b'],
  ],
  objectName: [
    ['a', 'system:node', 'A.b_c-d'],
    ['', '-a', 'a-', 'a/b', 'a b'],
  ],
  helmHooks: [
    ['test', 'pre-install', 'pre-install,post-upgrade', 'pre-install, pre-delete'],
    ['', 'install', 'pre-instal', 'pre-install,', 'test,pre-install'],
  ],
};

const cases = Object.entries(examples) as [keyof typeof formats, (typeof examples)['dnsLabel']][];

describe('the format', () => {
  it.each(cases)('%s takes what is of its form and nothing else', (name, [good, bad]) => {
    const schema = formed(formats[name]);
    expect(good.filter((text) => !schema.safeParse(text).success)).toEqual([]);
    expect(bad.filter((text) => schema.safeParse(text).success)).toEqual([]);
  });

  it.each(cases)('%s can be left empty where that means "not set"', (name, [good, bad]) => {
    const schema = formedOrEmpty(formats[name]);
    expect(['', ...good].filter((text) => !schema.safeParse(text).success)).toEqual([]);
    expect(bad.filter((text) => text !== '' && schema.safeParse(text).success)).toEqual([]);
  });

  it.each(cases)('%s says what it wants', (name, [, bad]) => {
    const result = formed(formats[name]).safeParse(bad[0]);
    expect(result.error?.issues[0]?.message).toBe(`must be ${formats[name].form}`);
  });

  it.each(cases)("%s has no lines: a text can't break out of its place in YAML", (name, [good]) => {
    const schema = formed(formats[name]);
    for (const text of good) expect(schema.safeParse(`${text}\n---\na: b`).success).toBe(false);
  });
});
