/**
 * The forms that texts may have. Every pattern means the same to JavaScript and to RE2, which Helm uses: anchored, ASCII
 * classes written out, no look-around, no repeat count above 1000 (nested counts multiply).
 */
import { z } from 'zod';

/** A pattern, and what to say about a text that misses it. */
export interface Format {
  /** A regular expression without its anchors. */
  readonly pattern: string;
  /** Completes "must be …". */
  readonly form: string;
}

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const subdomain = String.raw`${label}(\.${label})*`;
const labelName = '[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?';

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const ipv4 = String.raw`(${octet}\.){3}${octet}`;
const group = '[0-9A-Fa-f]{1,4}';
const ipv6 = [
  `(${group}:){7}${group}`,
  `(${group}:){1,7}:`,
  `(${group}:){1,6}:${group}`,
  `(${group}:){1,5}(:${group}){2}`,
  `(${group}:){1,4}(:${group}){3}`,
  `(${group}:){1,3}(:${group}){4}`,
  `(${group}:){1,2}(:${group}){5}`,
  `${group}:(:${group}){6}`,
  `:(:${group}){1,7}`,
  '::',
].join('|');

const hostLabel = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** The last label starts with a letter: URL parsers read a host that ends in a number as an IPv4 address. */
const hostName = String.raw`(${hostLabel}\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?`;
const portNumber = '(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})';
const origin = String.raw`https?://(${hostName}|${ipv4}|\[(${ipv6})\])(:${portNumber})?`;
const escaped = '%[0-9A-Fa-f]{2}';
/** A path segment of RFC 3986 that does not start with a dot: parsers resolve `.` and `..` away. */
const segment = `([A-Za-z0-9_~!$&'()*+,;=:@-]|${escaped})([A-Za-z0-9._~!$&'()*+,;=:@-]|${escaped})*`;

const timeSpan = '[1-9][0-9]{0,6}(s|m|h)';
/** Whole numbers only, and small enough to be counted in bytes by a rule. */
const quantity = '[1-9][0-9]{0,14}|[1-9][0-9]{0,5}([kMGT]|[KMGT]i)';
const percentage = '(100|[1-9]?[0-9])%';
const registry = String.raw`[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:${portNumber})?(/[a-z0-9]([a-z0-9._-]{0,126}[a-z0-9])?)*`;
const repositoryPart = '[a-z0-9]+([._-]+[a-z0-9]+)*';
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';

const format = (pattern: string, form: string): Format => ({ pattern, form });

export const formats = {
  /** A namespace, a container, a volume. */
  dnsLabel: format(label, 'a DNS-1123 label: at most 63 lower-case letters, digits and `-`'),
  /** A Secret and most other objects; they may have at most 253 characters. */
  dnsSubdomain: format(subdomain, 'a DNS-1123 subdomain: lower-case letters, digits, `-` and `.`'),
  clusterName: format(
    '[a-z0-9][a-z0-9-]{1,61}[a-z0-9]',
    'a DNS-1123 label of 3 to 63 characters: lower-case letters, digits and `-`',
  ),
  /** The key of an entry in a Secret or ConfigMap: a name that starts with `..` is reserved. */
  dataKey: format(String.raw`\.?[A-Za-z0-9_-][A-Za-z0-9._-]{0,250}`, 'a key of letters, digits, `-`, `_` and `.`'),
  labelKey: format(`(${subdomain}/)?${labelName}`, 'the key of a Kubernetes label: [DNS subdomain/]name'),
  labelValue: format(
    `|${labelName}`,
    'the value of a Kubernetes label: at most 63 letters, digits, `-`, `_` and `.`, or empty',
  ),
  /** Kubernetes compares annotation keys in lower case, so that the prefix may have capitals. */
  annotationKey: format(
    String.raw`(${hostLabel}(\.${hostLabel})*/)?${labelName}`,
    'the key of a Kubernetes annotation: [DNS subdomain/]name',
  ),
  environmentVariable: format('[A-Za-z_][A-Za-z0-9_.-]{0,252}', 'the name of an environment variable'),
  absolutePath: format('/[!-9;-~]*', 'an absolute path without spaces and colons'),
  httpPath: format(`(/${segment})+/?`, 'an HTTP path that starts with `/`'),
  url: format(
    `${origin}(/${segment})*/?`,
    'an http or https URL with a host and, if need be, a port and a path: no user info, query or fragment',
  ),
  /** A URL without a path. */
  origin: format(`${origin}/?`, 'an http or https URL with a host and, if need be, a port: nothing else'),
  noProxy: format('[A-Za-z0-9.*:/_, -]*', 'host names, domains, addresses and ranges with commas between them'),
  cidr: format(
    `(${ipv4})/(3[0-2]|[12]?[0-9])|(${ipv6})/(12[0-8]|1[01][0-9]|[1-9]?[0-9])`,
    'an IPv4 or IPv6 range such as 10.0.0.0/8 or fd00::/8',
  ),
  clusterIp: format(`None|${ipv4}|${ipv6}`, 'None or an IP address'),
  duration: format(timeSpan, 'a number of seconds, minutes or hours such as 30s, 10m or 1h'),
  quantity: format(quantity, 'a Kubernetes quantity such as 500Mi or 2Gi'),
  percentage: format(percentage, 'a percentage from 0% to 100%'),
  imageRegistry: format(registry, 'the host of an image registry, with a port or path if need be'),
  imageRepository: format(`${repositoryPart}(/${repositoryPart})*`, 'the name of an image without registry and tag'),
  imageTag: format(tag, 'an image tag'),
  imageDigest: format('sha256:[0-9a-f]{64}', '`sha256:` and 64 hexadecimal digits'),
  printable: format('[ -~]+', 'printable ASCII characters'),
  /** The apiVersion of any object. */
  apiVersion: format(`(${subdomain}/)?[a-z]([a-z0-9-]{0,61}[a-z0-9])?`, 'an API version such as v1 or apps/v1'),
  externalSecretsVersion: format(
    String.raw`external-secrets\.io/v1(beta1)?`,
    'external-secrets.io/v1 or external-secrets.io/v1beta1',
  ),
  kind: format('[A-Za-z][A-Za-z0-9]{0,62}', 'the kind of a Kubernetes object'),
  /** The name of any object: some kinds take more than a subdomain, such as `system:node`. */
  objectName: format('[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?', 'the name of a Kubernetes object'),
  /** Helm drops an object without a word whose hook it does not know. */
  helmHooks: format(
    '(pre|post)-(install|delete|upgrade|rollback)(, ?(pre|post)-(install|delete|upgrade|rollback))*|test',
    "Helm's hooks such as pre-install,pre-upgrade or test",
  ),
} as const satisfies Record<string, Format>;

/** A text of that form. */
export const formed = ({ pattern, form }: Format) =>
  z.string().regex(new RegExp(`^(${pattern})$`), { error: `must be ${form}` });

/**
 * A text of that form, which the chart's guards check in place of its JSON schema: Helm 4 prints a text that misses
 * its pattern, which may be a secret in the wrong key, and all that Helm says of a long pattern is the pattern.
 */
export const guarded = (format: Format) => formed(format).meta({ 'x-guard': `must be ${format.form}` });

/** As `guarded`, or the empty text, which stands for "not set". */
export const guardedOrEmpty = (format: Format) =>
  formedOrEmpty(format).meta({ 'x-guard': `must be empty or ${format.form}` });

/** A text of that form, or the empty text, which stands for "not set". */
export const formedOrEmpty = ({ pattern, form }: Format) =>
  z.string().regex(new RegExp(`^(|${pattern})$`), { error: `must be empty or ${form}` });
