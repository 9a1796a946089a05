import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly input?: string | undefined;
  /** Default 60,000. */
  readonly timeoutMs?: number | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Interrupts it, as Ctrl-C does. */
  readonly signal?: AbortSignal | undefined;
}

export interface Result {
  /** 1 when the program was ended by a signal or the time limit. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. A non-zero exit code is a result, not an error. */
export function attempt(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const interrupt = (): boolean => child.kill('SIGINT');
    options.signal?.addEventListener('abort', interrupt);
    child.on('error', reject);
    child.on('close', (code) => {
      options.signal?.removeEventListener('abort', interrupt);
      resolve({ code: code ?? 1, stdout, stderr });
    });
    // A program that ends before it has read everything is judged by its exit code.
    child.stdin.on('error', () => undefined).end(options.input ?? '');
  });
}

/** Runs a program that must succeed. @returns what it printed. @throws Error with what it said */
export async function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(program, args, options);
  if (code !== 0) {
    throw new Error(
      `${[program, ...args].join(' ')}: exit code ${code}\n${`${stdout}\n${stderr}`.trim().slice(-4000)}`,
    );
  }
  return stdout;
}
