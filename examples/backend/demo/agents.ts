/*
 * Simulated kagent agents: what runs on Google's ADK in a cluster, here as a loop that sends the same
 * spans and logs through the OpenTelemetry SDK's own exporters. Nothing of it knows the relayer.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { context, SpanStatusCode, trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { SeverityNumber, type Logger } from '@opentelemetry/api-logs';
import { AGENTS, LONG_PROMPT, pickScenario, type AgentProfile, type Scenario, type Step } from './scenarios.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';

const SYSTEM = 'gcp.vertex.agent';
const rate = Number(process.env['DEMO_SPEED'] ?? 1);
let stopping = false;
let sessions = 0;

/** The attributes every span of ADK carries. */
function common(agent: AgentProfile, session: string): Record<string, string> {
  return {
    'gen_ai.system': SYSTEM,
    'gen_ai.conversation.id': session,
    'gcp.vertex.agent.session_id': session,
    'kagent.user_id': 'admin@kagent.dev',
    'kagent.app_name': agent.name,
  };
}

class SimulatedAgent {
  readonly #profile: AgentProfile;
  readonly #telemetry: Telemetry;
  readonly #tracer: Tracer;
  readonly #logger: Logger;

  constructor(profile: AgentProfile) {
    this.#profile = profile;
    this.#telemetry = startTelemetry(profile.name, profile.transport);
    this.#tracer = this.#telemetry.tracer;
    this.#logger = this.#telemetry.logger;
  }

  async run(): Promise<void> {
    await pause(Math.random() * 500);
    while (!stopping) {
      await this.#invoke(pickScenario(this.#profile, sessions++));
      await pause((800 + Math.random() * 2_500) / rate);
    }
    await this.#telemetry.stop();
  }

  /** `invocation` → `invoke_agent NAME` → `call_llm` and `execute_tool NAME` in turn. */
  async #invoke(scenario: Scenario): Promise<void> {
    const session = `session-${(sessions + Date.now()).toString(36)}`;
    const begin = performance.now();
    await this.#span('invocation', context.active(), common(this.#profile, session), async (root) => {
      const attributes = {
        ...common(this.#profile, session),
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': this.#profile.name,
        'gen_ai.agent.description': this.#profile.description,
      };
      await this.#span(`invoke_agent ${this.#profile.name}`, root, attributes, async (current, span) => {
        for (const step of scenario.steps)
          if (!(await this.#step(step, scenario, session, current))) {
            span.setStatus({ code: SpanStatusCode.ERROR, message: step.error ?? 'failed' });
            return;
          }
      });
    });
    this.#telemetry.duration.record((performance.now() - begin) / 1000, { 'gen_ai.agent.name': this.#profile.name });
  }

  #step(step: Step, scenario: Scenario, session: string, current: Context): Promise<boolean> {
    return step.kind === 'llm'
      ? this.#callModel(step, scenario, session, current)
      : this.#callTool(step, session, current);
  }

  async #callModel(step: Step, scenario: Scenario, session: string, parent: Context): Promise<boolean> {
    const question = scenario.long ? LONG_PROMPT : scenario.question;
    const inputTokens = Math.round(question.length / 4) + 320 + Math.round(Math.random() * 400);
    const outputTokens = Math.round(step.output.length / 4) + 12;
    const request = {
      model: this.#profile.model,
      config: { system_instruction: this.#profile.description },
      contents: [{ role: 'user', parts: [{ text: question }] }],
    };
    const attributes = {
      ...common(this.#profile, session),
      'gen_ai.request.model': this.#profile.model,
      'gen_ai.agent.name': this.#profile.name,
      'gcp.vertex.agent.invocation_id': session,
      'gcp.vertex.agent.llm_request': JSON.stringify(request),
    };
    return this.#span('call_llm', parent, attributes, async (current, span) => {
      this.#emit('gen_ai.user.message', question, current);
      await pause(step.ms / rate);
      if (step.error) return this.#fail(span, current, step.error);
      span.setAttributes({
        'gen_ai.usage.input_tokens': inputTokens,
        'gen_ai.usage.output_tokens': outputTokens,
        'gen_ai.response.finish_reasons': ['stop'],
        'gcp.vertex.agent.llm_response': JSON.stringify({ content: { role: 'model', parts: [{ text: step.output }] } }),
      });
      this.#emit('gen_ai.choice', step.output, current);
      const labels = { 'gen_ai.request.model': this.#profile.model, 'gen_ai.agent.name': this.#profile.name };
      this.#telemetry.tokens.add(inputTokens, { ...labels, 'gen_ai.token.type': 'input' });
      this.#telemetry.tokens.add(outputTokens, { ...labels, 'gen_ai.token.type': 'output' });
      return true;
    });
  }

  async #callTool(step: Step, session: string, parent: Context): Promise<boolean> {
    const attributes = {
      ...common(this.#profile, session),
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.agent.name': this.#profile.name,
      'gen_ai.tool.name': step.tool ?? '',
      'gen_ai.tool.type': 'FunctionTool',
      'gcp.vertex.agent.tool_call_args': JSON.stringify(step.args ?? {}),
    };
    return this.#span(`execute_tool ${step.tool}`, parent, attributes, async (current, span) => {
      await pause(step.ms / rate);
      if (step.error) return this.#fail(span, current, step.error);
      span.setAttribute('gcp.vertex.agent.tool_response', JSON.stringify({ result: step.output }));
      return true;
    });
  }

  #fail(span: Span, current: Context, message: string): false {
    span.recordException(new Error(message));
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    this.#logger.emit({
      severityNumber: SeverityNumber.ERROR,
      severityText: 'ERROR',
      body: message,
      attributes: { 'gen_ai.agent.name': this.#profile.name },
      context: current,
    });
    return false;
  }

  /** With logging on, kagent sends prompts and completions as log records too. */
  #emit(eventName: string, content: string, current: Context): void {
    this.#logger.emit({
      eventName,
      severityNumber: SeverityNumber.INFO,
      severityText: 'INFO',
      body: { content },
      attributes: { 'gen_ai.system': SYSTEM, 'gen_ai.agent.name': this.#profile.name, 'event.name': eventName },
      context: current,
    });
  }

  async #span<Result>(
    name: string,
    parent: Context,
    attributes: Record<string, string>,
    work: (current: Context, span: Span) => Promise<Result>,
  ): Promise<Result> {
    const span = this.#tracer.startSpan(name, { attributes }, parent);
    try {
      return await work(trace.setSpan(parent, span), span);
    } finally {
      span.end();
    }
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => (stopping = true));
await Promise.all(AGENTS.map((profile) => new SimulatedAgent(profile).run()));
process.exit(0);
