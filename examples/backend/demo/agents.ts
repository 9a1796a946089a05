/*
 * Simulated kagent agents: loops that send what kagent's Python runtime sends, through the OpenTelemetry
 * SDK's own exporters. Nothing of it knows the relayer. Where the names come from:
 * - spans and their attributes: google/adk-python, src/google/adk/telemetry/tracing.py
 * - on every span, by a span processor: kagent-dev/kagent, python/packages/kagent-core/src/kagent/core/tracing/
 *   _span_processor.py, filled in kagent-adk's _agent_executor.py
 * - agent and service names, with underscores: kagent-core's _config.py
 * - prompts and completions as log records: tracing/_utils.py there, with traceloop/openllmetry
 * - who emits what: docs/architecture/telemetry.md there
 * Left out are the spans of HTTP servers and clients and of model SDKs, and the `generate_content` that newer
 * ADKs put below `call_llm`: it repeats the token counts.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { context, SpanStatusCode, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';
import { SeverityNumber, type AnyValueMap } from '@opentelemetry/api-logs';
import {
  AGENTS,
  LONG_PROMPT,
  pickScenario,
  type AgentProfile,
  type Scenario,
  type Tool,
  type Turn,
} from './scenarios.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';

const rate = Number(process.env['DEMO_SPEED'] ?? 1);
let stopping = false;
let runs = 0;

/** One request of a user to an agent. */
interface Run {
  readonly scenario: Scenario;
  readonly session: string;
  readonly invocation: string;
  /** What kagent puts on every span of the request. */
  readonly common: Attributes;
}

class SimulatedAgent {
  readonly #profile: AgentProfile;
  readonly #telemetry: Telemetry;

  constructor(profile: AgentProfile) {
    this.#profile = profile;
    this.#telemetry = startTelemetry(profile.name, profile.transport);
  }

  async run(): Promise<void> {
    await pause(Math.random() * 500);
    while (!stopping) {
      // A request that fails is in its spans; the agent goes on with the next one.
      await this.#handleRequest(pickScenario(this.#profile, runs++)).catch(() => undefined);
      await pause((800 + Math.random() * 2_500) / rate);
    }
    await this.#telemetry.stop();
  }

  /** `invocation` → `invoke_agent NAME` → `call_llm` in turn, each with the `execute_tool NAME` that it asked for. */
  async #handleRequest(scenario: Scenario): Promise<void> {
    const { name, description } = this.#profile;
    const session = randomUUID();
    const run: Run = {
      scenario,
      session,
      invocation: `e-${randomUUID()}`,
      common: {
        'kagent.user_id': 'admin@kagent.dev',
        'gen_ai.task.id': randomUUID(),
        'gen_ai.conversation.id': session,
      },
    };
    const attributes = {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': name,
      'gen_ai.agent.description': description,
    };
    await this.#span('invocation', run, {}, context.active(), (root) =>
      this.#span(`invoke_agent ${name}`, run, attributes, root, async (current) => {
        for (const turn of scenario.turns) await this.#callModel(turn, run, current);
      }),
    );
  }

  async #callModel(turn: Turn, run: Run, parent: Context): Promise<void> {
    const { model, description } = this.#profile;
    const question = run.scenario.long ? LONG_PROMPT : run.scenario.question;
    const request = {
      model,
      config: { system_instruction: description },
      contents: [{ role: 'user', parts: [{ text: question }] }],
    };
    const attributes = {
      'gen_ai.system': 'gcp.vertex.agent',
      'gen_ai.request.model': model,
      'gcp.vertex.agent.invocation_id': run.invocation,
      'gcp.vertex.agent.session_id': run.session,
      'gcp.vertex.agent.event_id': randomUUID(),
      'gcp.vertex.agent.llm_request': JSON.stringify(request),
    };
    await this.#span('call_llm', run, attributes, parent, async (current, span) => {
      const begin = performance.now();
      this.#emit('gen_ai.user.message', { role: 'user', content: question }, current);
      await pause(turn.ms / rate);
      if (turn.error !== undefined) throw new Error(turn.error);
      this.#answer(turn.output, question, { current, span, seconds: (performance.now() - begin) / 1_000 });
      for (const tool of turn.tools) await this.#callTool(tool, run, current);
    });
  }

  #answer(output: string, question: string, call: { current: Context; span: Span; seconds: number }): void {
    const inputTokens = Math.round(question.length / 4) + 320 + Math.round(Math.random() * 400);
    const outputTokens = Math.round(output.length / 4) + 12;
    const content = { role: 'model', parts: [{ text: output }] };
    call.span.setAttributes({
      'gcp.vertex.agent.llm_response': JSON.stringify({ content, finish_reason: 'STOP' }),
      'gen_ai.usage.input_tokens': inputTokens,
      'gen_ai.usage.output_tokens': outputTokens,
      'gen_ai.response.finish_reasons': ['stop'],
    });
    const message = { role: 'assistant', content: output };
    this.#emit('gen_ai.choice', { index: 0, finish_reason: 'stop', message }, call.current);
    const { provider, model } = this.#profile;
    const labels = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
    };
    this.#telemetry.tokens.record(inputTokens, { ...labels, 'gen_ai.token.type': 'input' });
    this.#telemetry.tokens.record(outputTokens, { ...labels, 'gen_ai.token.type': 'output' });
    this.#telemetry.duration.record(call.seconds, labels);
  }

  async #callTool(tool: Tool, run: Run, parent: Context): Promise<void> {
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool.name,
      'gen_ai.tool.description': tool.description,
      'gen_ai.tool.type': 'McpTool',
      'gen_ai.tool.call.id': `call_${randomUUID().slice(0, 8)}`,
      'gcp.vertex.agent.event_id': randomUUID(),
      // ADK writes these two on the span of a tool as well.
      'gcp.vertex.agent.llm_request': '{}',
      'gcp.vertex.agent.llm_response': '{}',
      'gcp.vertex.agent.tool_call_args': JSON.stringify(tool.args),
    };
    await this.#span(`execute_tool ${tool.name}`, run, attributes, parent, async (_current, span) => {
      await pause(tool.ms / rate);
      if (tool.error !== undefined) throw new Error(tool.error);
      span.setAttribute('gcp.vertex.agent.tool_response', JSON.stringify({ result: tool.output }));
    });
  }

  /** With `OTEL_LOGGING_ENABLED` kagent sends prompts and completions as log records. */
  #emit(eventName: string, body: AnyValueMap, current: Context): void {
    this.#telemetry.logger.emit({
      eventName,
      severityNumber: SeverityNumber.INFO,
      body,
      attributes: { 'gen_ai.system': this.#profile.provider, 'event.name': eventName },
      context: current,
    });
  }

  /** An error is recorded on the span and on all above it, as Python's SDK does. */
  async #span(
    name: string,
    { common }: Run,
    attributes: Attributes,
    parent: Context,
    work: (current: Context, span: Span) => Promise<void>,
  ): Promise<void> {
    const span = this.#telemetry.tracer.startSpan(name, { attributes: { ...common, ...attributes } }, parent);
    try {
      await work(trace.setSpan(parent, span), span);
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      throw error;
    } finally {
      span.end();
    }
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => (stopping = true));
await Promise.all(AGENTS.map((profile) => new SimulatedAgent(profile).run()));
process.exit(0);
