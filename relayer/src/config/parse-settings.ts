import { hostname } from 'node:os';
import { RelayerError } from '../errors.ts';
import { SETTINGS, type Setting, type Settings, type Variable } from './settings.ts';

/** What is wrong with one variable. `message` never repeats the value of a secret one. */
interface Problem {
  readonly variable: string;
  readonly message: string;
}

export type ParsedSettings =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly Problem[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads all variables and the rules across them, and reports every problem at once. */
export function parseSettings(environment: Environment): ParsedSettings {
  const problems: Problem[] = [];
  const values: Record<string, unknown> = {};
  for (const [variable, setting] of Object.entries(SETTINGS) as [Variable, Setting][]) {
    const text = environment[variable]?.trim() || setting.default;
    if (text === undefined) {
      problems.push({ variable, message: `\`${variable}\` is required: ${setting.description}` });
      continue;
    }
    const parsed = parseValue(setting, text);
    if ('problem' in parsed) {
      problems.push({ variable, message: `\`${variable}\` ${parsed.problem}${shown(setting, text)}` });
    } else values[variable] = parsed.value;
  }
  values['POD_NAME'] ||= hostname();
  problems.push(...crossProblems(values));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings: values as unknown as Settings };
}

/** Like `parseSettings`, as an exception with one line per problem. */
export function requireSettings(environment: Environment): Settings {
  const parsed = parseSettings(environment);
  if (parsed.ok) return parsed.settings;
  const lines = parsed.problems.map((problem) => problem.message);
  throw new RelayerError('configuration', `the configuration has ${lines.length} problem(s): ${lines.join('; ')}`);
}

type Parsed = { readonly value: unknown } | { readonly problem: string };

function parseValue(setting: Setting, text: string): Parsed {
  switch (setting.type) {
    case 'integer':
    case 'number':
      return parseNumber(setting, text);
    case 'boolean':
      if (text === 'true' || text === 'false') return { value: text === 'true' };
      return { problem: 'must be true or false' };
    case 'choice':
      if (setting.choices?.includes(text)) return { value: text };
      return { problem: `must be one of ${setting.choices?.map((choice) => choice || '(empty)').join(', ')}` };
    case 'json':
      return parseObject(text);
    case 'host':
      return isHost(text) ? { value: text } : { problem: 'must be a host name or an IP address' };
    case 'url':
      return text === '' ? { value: '' } : parseUrl(text, setting.secret === true);
    case 'path':
      return /^\/[^\s?#]*$/.test(text) ? { value: text } : { problem: 'must be a path that begins with /' };
    case 'text':
      if (text === '' || !setting.pattern || new RegExp(setting.pattern).test(text)) return { value: text };
      return { problem: `must be ${setting.format}` };
  }
}

function isHost(text: string): boolean {
  return text === '' || (/^[-\w.:]+$/.test(text) && URL.canParse(`https://${hostInUrl(text)}/`));
}

/** A host as it stands in a URL: IPv6 addresses in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function parseNumber(setting: Setting, text: string): Parsed {
  const value = Number(text);
  const min = setting.min ?? 0;
  const max = setting.max ?? Number.MAX_SAFE_INTEGER;
  const kind = setting.type === 'integer' ? 'an integer' : 'a number';
  const wellFormed = setting.type === 'integer' ? /^\d+$/.test(text) : /^\d+(\.\d+)?$/.test(text);
  if (wellFormed && value >= min && value <= max) return { value };
  return { problem: `must be ${kind} from ${min} to ${max}` };
}

function parseObject(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    // Throws at a nesting that can be read but not sent at registration.
    JSON.stringify(value);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value };
  } catch {
    // Said below in the same words.
  }
  return { problem: 'must be a JSON object, not nested too deeply' };
}

function parseUrl(text: string, userInfoAllowed: boolean): Parsed {
  if (!URL.canParse(text))
    return { problem: `must be a URL that begins with http:// or https://${userInfoAllowed ? ESCAPES : ''}` };
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { problem: 'must begin with http:// or https://' };
  if (!userInfoAllowed && (url.username || url.password)) return { problem: 'must not carry a user or password' };
  if (!canDecode(url.username) || !canDecode(url.password)) return { problem: `is no valid URL${ESCAPES}` };
  if (url.search || url.hash) return { problem: 'must not have a query or fragment' };
  return { value: text.replace(/\/+$/, '') };
}

const ESCAPES = ': in a user or password % is written as %25, @ as %40, / as %2F, : as %3A';

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function crossProblems(values: Partial<Settings>): Problem[] {
  const problems: Problem[] = [];
  const add = (variable: Variable, rule: string): void => {
    problems.push({ variable, message: `\`${variable}\` ${rule}` });
  };
  const { BACKEND_RECONNECTION_DELAY_MS: delay, BACKEND_RECONNECTION_MAX_DELAY_MS: maxDelay } = values;
  if (delay !== undefined && maxDelay !== undefined && delay > maxDelay) {
    add('BACKEND_RECONNECTION_DELAY_MS', 'must not be greater than `BACKEND_RECONNECTION_MAX_DELAY_MS`');
  }
  if (values.CLUSTER_ENVIRONMENT === 'production' && values.BACKEND_URL?.startsWith('http:')) {
    add('BACKEND_URL', 'must begin with https:// when `CLUSTER_ENVIRONMENT` is production');
  }
  const seen = new Map<number, Variable>();
  for (const variable of ['OTLP_GRPC_PORT', 'OTLP_HTTP_PORT', 'HEALTH_PORT'] as const) {
    const port = values[variable];
    if (port === undefined) continue;
    const other = seen.get(port);
    if (other) add(variable, `must differ from \`${other}\``);
    seen.set(port, variable);
  }
  return problems;
}

/** The offending value, cut short, unless the setting may hold a secret or a password. */
function shown(setting: Setting, text: string): string {
  if (setting.secret || setting.type === 'url' || setting.type === 'json') return '';
  return `, not \`${text.slice(0, 80)}\``;
}
