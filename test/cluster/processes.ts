import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HopelessError, sleep } from './wait.ts';

/** The long-running programs of a cluster, each with a log file of its own. */
export class Processes {
  /** Resolves when the first of them has ended by itself, with what `assertRunning` then throws. */
  readonly broken: Promise<Error>;
  readonly #folder: string;
  readonly #running = new Map<string, ChildProcess>();
  readonly #ended = new Map<string, Error>();
  #failure: Error | undefined;
  #isClosed = false;
  #break: (reason: Error) => void = () => undefined;

  /** @param folder where the logs go */
  constructor(folder: string) {
    this.#folder = folder;
    this.broken = new Promise((resolve) => (this.#break = resolve));
  }

  /** @throws Error after `stopAll`: nobody would stop it */
  start(
    name: string,
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): void {
    if (this.#isClosed) throw new Error(`${name} is not started: the run ends`);
    const log = openSync(this.#logFile(name), 'a');
    const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#ended.delete(name);
    this.#running.set(name, child);
    const onEnd = (how: string): void => {
      if (this.#running.get(name) === child) this.#endedByItself(name, `${name} (${program}) has ended with ${how}`);
    };
    child.on('error', (error) => onEnd(error.message)).on('exit', (code, signal) => onEnd(signal ?? `code ${code}`));
  }

  /** What `broken` resolves with, once it has. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  endOfLog(name: string): string {
    return readFileSync(this.#logFile(name), 'utf8').slice(-3000);
  }

  /** @throws HopelessError with the end of its log when it has ended by itself */
  assertRunning(name: string): void {
    if (this.#running.has(name)) return;
    throw this.#ended.get(name) ?? new HopelessError(`${name} does not run`);
  }

  /** Asks it to stop and waits; after ten seconds it is killed. Safe when it does not run. */
  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (child === undefined) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill(signal);
    await Promise.race([closed, sleep(10_000)]);
    child.kill('SIGKILL');
    await closed;
  }

  /** The other way round than they were started, and for good. */
  async stopAll(): Promise<void> {
    this.#isClosed = true;
    for (const name of [...this.#running.keys()].toReversed()) await this.stop(name);
  }

  #endedByItself(name: string, message: string): void {
    const error = new HopelessError(`${message}:\n${this.endOfLog(name)}`);
    this.#running.delete(name);
    this.#ended.set(name, error);
    this.#failure ??= error;
    this.#break(error);
  }

  #logFile(name: string): string {
    return join(this.#folder, `${name}.log`);
  }
}
