import { check } from './commands/check.ts';
import type { CommandContext } from './commands/context.ts';
import { probe } from './commands/probe.ts';
import { register } from './commands/register.ts';
import { run } from './commands/run.ts';
import { EXIT_CODES, describeError, RelayerError } from './errors.ts';
import { Logger } from './observe/logger.ts';

interface Command {
  readonly run: (context: CommandContext) => Promise<number>;
  /** Beside `--root`. */
  readonly options: readonly string[];
}

const COMMANDS: Readonly<Record<string, Command>> = {
  run: { run, options: [] },
  register: { run: register, options: ['timeout-seconds'] },
  check: { run: check, options: [] },
  probe: { run: probe, options: ['host', 'timeout-seconds'] },
};

const USAGE = `usage: relayer <command> [--root DIR]

  run        take OTLP and deliver it to the backend, until SIGTERM
  register   register this cluster and write its credentials Secret  [--timeout-seconds N]
  check      say what is wrong, from inside the pod
  probe      send one item of each signal and ask /health            [--host NAME] [--timeout-seconds N]

  --root DIR  prefix of all file paths, to run outside a pod
  --help, -h  print this
`;

type Arguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | {
      readonly kind: 'command';
      readonly name: string;
      readonly command: Command;
      readonly options: ReadonlyMap<string, string>;
    };

function parseArguments(args: readonly string[]): Arguments {
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help' };
  const [name, ...rest] = args;
  if (name === undefined) return { kind: 'wrong', problem: 'a command is missing' };
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) return { kind: 'wrong', problem: 'there is no such command' };
  const options = new Map<string, string>();
  for (let i = 0; i < rest.length; i += 2) {
    const option = ['root', ...command.options].find((known) => rest[i] === `--${known}`);
    const value = rest[i + 1];
    // What was given is not repeated: it may be a secret in the wrong place.
    if (!option) return { kind: 'wrong', problem: `argument ${i + 2} is no option of \`${name}\`` };
    if (value === undefined) return { kind: 'wrong', problem: `\`--${option}\` has no value` };
    options.set(option, value);
  }
  return { kind: 'command', name, command, options };
}

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (parsed.kind === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (parsed.kind === 'wrong') {
    process.stderr.write(`relayer: ${parsed.problem}\n\n${USAGE}`);
    return EXIT_CODES.configuration;
  }
  const stop = new AbortController();
  // A second signal changes nothing: stopping is bounded in time by itself. There is nothing that a
  // hangup could ask to be read anew, so it only means that the terminal is gone.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const context: CommandContext = {
    environment: process.env,
    root: parsed.options.get('root') ?? '',
    options: parsed.options,
    stop: stop.signal,
    write: (text) => void process.stdout.write(text),
  };
  try {
    return await parsed.command.run(context);
  } catch (error) {
    fatalLog().error(
      `relayer ${parsed.name} failed: ${describeError(error)}`,
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
