import { check } from './commands/check.ts';
import type { CommandContext } from './commands/context.ts';
import { probe } from './commands/probe.ts';
import { register } from './commands/register.ts';
import { run } from './commands/run.ts';
import { EXIT_CODES, describeError, RelayerError } from './errors.ts';
import { Logger } from './observe/logger.ts';

const COMMANDS: Readonly<Record<string, (context: CommandContext) => Promise<number>>> = {
  run,
  register,
  check,
  probe,
};

const USAGE = `usage: relayer <command> [--root DIR]

  run        take OTLP and deliver it to the backend, until SIGTERM
  register   register this cluster and write its credentials Secret  [--timeout-seconds N]
  check      say what is wrong, from inside the pod
  probe      send one item of each signal and ask /health            [--host NAME] [--timeout-seconds N]

  --root DIR  prefix of all file paths, to run outside a pod
`;

function parseArguments(args: readonly string[]): { command: string; options: Map<string, string> } | undefined {
  const [command, ...rest] = args;
  if (!command || !Object.hasOwn(COMMANDS, command)) return undefined;
  const options = new Map<string, string>();
  for (let i = 0; i < rest.length; i += 2) {
    const name = /^--(root|host|timeout-seconds)$/.exec(rest[i] ?? '')?.[1];
    const value = rest[i + 1];
    if (!name || value === undefined) return undefined;
    options.set(name, value);
  }
  return { command, options };
}

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (!parsed) {
    process.stderr.write(USAGE);
    return EXIT_CODES.configuration;
  }
  const stop = new AbortController();
  // A second signal changes nothing: stopping is bounded in time by itself.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  const context: CommandContext = {
    environment: process.env,
    root: parsed.options.get('root') ?? '',
    options: parsed.options,
    stop: stop.signal,
    write: (text) => void process.stdout.write(text),
  };
  try {
    return await (COMMANDS[parsed.command] as (context: CommandContext) => Promise<number>)(context);
  } catch (error) {
    fatalLog().error(
      `relayer ${parsed.command} failed: ${describeError(error)}`,
      error instanceof RelayerError
        ? { code: error.code }
        : { stack: error instanceof Error ? error.stack : undefined },
    );
    return error instanceof RelayerError ? error.exitCode : 70;
  }
}

function fatalLog(): Logger {
  return new Logger({ level: 'info', pod: process.env['POD_NAME'] ?? '' });
}

// A bug that surfaces in a callback must not silently stop the process in the middle: say it and
// end, so that Kubernetes starts it anew. What was acknowledged is in the queue.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    fatalLog().error(`unexpected error: ${describeError(error)}`, {
      stack: error instanceof Error ? error.stack : undefined,
    });
    process.exit(70);
  });
}

process.exit(await main());
