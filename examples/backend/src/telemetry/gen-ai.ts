import { jsonToText, type Attributes, type Json } from './values.ts';

/** What a span says about a model, an agent or a tool: the columns of their own. */
export interface GenAi {
  readonly operation: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly agent: string | undefined;
  readonly tool: string | undefined;
  readonly conversationId: string | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly prompt: string | undefined;
  readonly completion: string | undefined;
}

/*
 * kagent's agents run on Google's ADK, whose spans carry `gcp.vertex.agent.*` (google/adk-python,
 * src/google/adk/telemetry/tracing.py); beside it the instrumentations of the model SDKs write
 * `gen_ai.prompt.0.content` (traceloop/openllmetry), and newer ones the semantic conventions'
 * `gen_ai.input.messages`. Who emits what: docs/architecture/telemetry.md of kagent-dev/kagent. The
 * first that is there counts.
 */
const PROMPT_KEYS = [
  'gcp.vertex.agent.llm_request',
  'gen_ai.input.messages',
  'gcp.vertex.agent.tool_call_args',
  'gen_ai.tool.call.arguments',
  'gen_ai.prompt',
  'traceloop.entity.input',
];
const COMPLETION_KEYS = [
  'gcp.vertex.agent.llm_response',
  'gen_ai.output.messages',
  'gcp.vertex.agent.tool_response',
  'gen_ai.tool.call.result',
  'gen_ai.completion',
  'traceloop.entity.output',
];
/** More is not a count of tokens, and would make the sums overflow. */
const MAX_TOKENS = 1_000_000_000;
const AGENT_SPAN = /^(?:agent_run \[(.+)\]|invoke_agent (.+))$/;

/**
 * Takes the GenAI columns out of a span's attributes. Prompts and completions are *moved*: they are
 * large and need not be stored twice.
 */
export function takeGenAi(name: string, attributes: Attributes): GenAi {
  const first = (...keys: readonly string[]): string | undefined =>
    keys.map((key) => jsonToText(attributes[key])).find((text) => text !== undefined && text !== '');
  const agentSpan = AGENT_SPAN.exec(name);
  return {
    operation: first('gen_ai.operation.name', 'llm.request.type', 'traceloop.span.kind'),
    provider: first('gen_ai.provider.name', 'gen_ai.system'),
    model: first('gen_ai.response.model', 'gen_ai.request.model'),
    agent: first('gen_ai.agent.name') ?? agentSpan?.[1] ?? agentSpan?.[2],
    tool: first('gen_ai.tool.name') ?? /^execute_tool (.+)$/.exec(name)?.[1],
    conversationId: first('gen_ai.conversation.id', 'gcp.vertex.agent.session_id'),
    inputTokens: toCount(attributes['gen_ai.usage.input_tokens'] ?? attributes['gen_ai.usage.prompt_tokens']),
    outputTokens: toCount(attributes['gen_ai.usage.output_tokens'] ?? attributes['gen_ai.usage.completion_tokens']),
    prompt: takeText(attributes, PROMPT_KEYS) ?? takeIndexed(attributes, 'gen_ai.prompt.'),
    completion: takeText(attributes, COMPLETION_KEYS) ?? takeIndexed(attributes, 'gen_ai.completion.'),
  };
}

function toCount(value: Json | undefined): number | undefined {
  const count = typeof value === 'string' ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 && count <= MAX_TOKENS
    ? count
    : undefined;
}

function takeText(attributes: Attributes, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = jsonToText(attributes[key]);
    // ADK writes an empty object when the capture of contents is off.
    if (text === undefined || text === '' || text === '{}') continue;
    delete attributes[key];
    return text;
  }
  return undefined;
}

/** `gen_ai.prompt.0.role`, `gen_ai.prompt.0.content` … → `[{"role": …, "content": …}]`. */
function takeIndexed(attributes: Attributes, prefix: string): string | undefined {
  const messages = new Map<number, Record<string, Json>>();
  for (const key of Object.keys(attributes)) {
    const match = key.startsWith(prefix) ? /^(\d{1,4})\.(.+)$/.exec(key.slice(prefix.length)) : null;
    if (!match) continue;
    const index = Number(match[1]);
    const message = messages.get(index) ?? (Object.create(null) as Record<string, Json>);
    message[match[2] as string] = attributes[key] as Json;
    messages.set(index, message);
    delete attributes[key];
  }
  if (messages.size === 0) return undefined;
  return JSON.stringify([...messages].toSorted(([a], [b]) => a - b).map(([, message]) => message));
}
