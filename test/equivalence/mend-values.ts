import { identityOf } from '../helm/compare.ts';
import { isJsonMap, type Json } from '../helm/json.ts';

/** A document that may be changed in place. */
interface Draft {
  [key: string]: Json | Draft;
}

/**
 * Most random documents break one of many rules across keys and would only test refusals. This changes what
 * breaks a rule, and nothing else, so that most documents are rendered. What it misses is refused by both sides.
 */
export function mendValues(document: Json): Json {
  if (!isJsonMap(document)) return document;
  const draft = structuredClone<Json>(document) as Draft;
  mendSecrets(draft);
  mendNumbers(draft);
  mendNames(draft);
  mendWorkload(draft);
  mendSizes(draft);
  dropRepeatedObjects(draft);
  dropHooks(draft);
  return draft;
}

function at(draft: Draft, path: string): Json | undefined {
  let part: Json | Draft | undefined = draft;
  for (const key of path.split('.')) part = isJsonMap(part) ? part[key] : undefined;
  return part;
}

function put(draft: Draft, path: string, value: Json): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let part = draft;
  for (const key of keys) {
    if (!isJsonMap(part[key])) part[key] = {};
    part = part[key];
  }
  part[last] = value;
}

const isGiven = (value: Json | undefined): boolean => value !== undefined && value !== null && value !== '';

function mendSecrets(draft: Draft): void {
  const external = at(draft, 'secrets.mode') === 'external';
  if (external && at(draft, 'secrets.external.enabled') !== false) {
    if (!isGiven(at(draft, 'secrets.external.secretStore.name')))
      put(draft, 'secrets.external.secretStore.name', 'vault');
  }
  for (const [own, alias, existing, fallback] of [
    ['cloudflare.tunnelToken', 'secrets.kubernetes.tunnelToken', 'cloudflare.existingSecret', 'eyJ'],
    ['llm.apiKey', 'secrets.kubernetes.llmApiKey', 'llm.existingSecret', 'sk-'],
  ] as const) {
    const drop = external || isGiven(at(draft, existing));
    if (drop && isGiven(at(draft, own))) put(draft, own, '');
    if ((drop || isGiven(at(draft, own))) && isGiven(at(draft, alias))) put(draft, alias, '');
    if (!drop && !isGiven(at(draft, own)) && !isGiven(at(draft, alias))) put(draft, own, fallback);
  }
  if (at(draft, 'cloudflare.mode') === 'access' && !isGiven(at(draft, 'cloudflare.access.existingSecret'))) {
    put(draft, 'cloudflare.access.existingSecret', 'access');
  }
  if (at(draft, 'llm.modelConfig.create') === true) {
    if (!isGiven(at(draft, 'llm.model'))) put(draft, 'llm.model', 'claude');
    if (!isGiven(at(draft, 'llm.azureopenai.endpoint'))) put(draft, 'llm.azureopenai.endpoint', 'https://azure.test');
  }
}

/** The number at a path, or the chart's default. */
function numberAt(draft: Draft, path: string, fallback: number): number {
  const value = at(draft, path);
  return typeof value === 'number' ? value : fallback;
}

function mendNumbers(draft: Draft): void {
  const delay = numberAt(draft, 'backend.reconnection.delay', 1000);
  if (delay > numberAt(draft, 'backend.reconnection.maxDelay', 30000))
    put(draft, 'backend.reconnection.maxDelay', delay);
  const fewest = numberAt(draft, 'relayer.autoscaling.minReplicas', 3);
  if (fewest > numberAt(draft, 'relayer.autoscaling.maxReplicas', 10))
    put(draft, 'relayer.autoscaling.maxReplicas', fewest);
  if (numberAt(draft, 'relayer.autoscaling.targetCPUUtilizationPercentage', 80) === 0) {
    put(draft, 'relayer.autoscaling.targetCPUUtilizationPercentage', 80);
  }
  const ports = new Set<number>();
  for (const [path, fallback] of [
    ['relayer.otel.grpcPort', 4317],
    ['relayer.otel.httpPort', 4318],
    ['relayer.health.port', 8080],
    ['cloudflare.sidecar.metrics.port', 2000],
  ] as const) {
    let port = numberAt(draft, path, fallback);
    while (ports.has(port)) port = (port % 65535) + 1;
    ports.add(port);
    if (port !== numberAt(draft, path, fallback)) put(draft, path, port);
  }
}

function mendNames(draft: Draft): void {
  for (const path of ['nameOverride', 'fullnameOverride']) {
    const name = at(draft, path);
    if (typeof name === 'string' && /^[0-9]/.test(name)) put(draft, path, `a${name.slice(1)}`);
  }
  const url = at(draft, 'backend.url');
  if (at(draft, 'cluster.environment') === 'production' && typeof url === 'string') {
    put(draft, 'backend.url', url.replace(/^http:/, 'https:'));
  }
  if (at(draft, 'service.clusterIP') === 'None') put(draft, 'service.type', 'ClusterIP');
  const age = at(draft, 'relayer.otel.maxConnectionAge');
  if (typeof age === 'string')
    put(
      draft,
      'relayer.otel.maxConnectionAge',
      `${age.slice(0, 2).replace(/[^0-9]/g, '')}${age.endsWith('s') ? 's' : 'm'}`,
    );
  if (isGiven(at(draft, 'serviceMonitor.scrapeTimeout'))) put(draft, 'serviceMonitor.interval', '9999h');
}

/** Annotations that would make hooks of ordinary objects. */
function dropHooks(draft: Draft): void {
  for (const path of [
    'commonAnnotations',
    'registration.serviceAccount.annotations',
    'service.annotations',
    'serviceAccount.annotations',
    'serviceMonitor.annotations',
    'prometheusRule.annotations',
    'dashboard.annotations',
  ]) {
    const annotations = at(draft, path);
    if (isJsonMap(annotations)) Reflect.deleteProperty(annotations, 'helm.sh/hook');
  }
}

/** A volume that holds its queue. */
function mendSizes(draft: Draft): void {
  for (const path of ['relayer.queue.emptyDir.sizeLimit', 'relayer.queue.persistence.size']) {
    const size = at(draft, path);
    if (typeof size === 'string' && size !== '') put(draft, path, `${size.replace(/[^0-9]/g, '').slice(0, 4)}99Ti`);
  }
}

function mendWorkload(draft: Draft): void {
  const isZero = (path: string, fallback: number): boolean =>
    [0, '0%'].includes((at(draft, path) ?? fallback) as number);
  const limits = 'relayer.strategy.rollingUpdate';
  if (isZero(`${limits}.maxSurge`, 1) && isZero(`${limits}.maxUnavailable`, 0))
    put(draft, `${limits}.maxUnavailable`, 2);
  const persistent = at(draft, 'relayer.queue.persistence.enabled') === true;
  if (persistent && at(draft, 'relayer.autoscaling.enabled') === true) put(draft, 'relayer.autoscaling.enabled', false);
  const budget = 'podDisruptionBudget';
  if (isGiven(at(draft, `${budget}.minAvailable`)) && isGiven(at(draft, `${budget}.maxUnavailable`))) {
    put(draft, `${budget}.maxUnavailable`, '');
  }
}

/** Two objects of one name are the user's mistake, and hide what else is there. */
function dropRepeatedObjects(draft: Draft): void {
  const objects = at(draft, 'extraObjects');
  if (!Array.isArray(objects)) return;
  const unique = new Map((objects as readonly Json[]).map((object) => [identityOf(object), object]));
  put(draft, 'extraObjects', [...unique.values()]);
}
