import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HopelessError, sleep } from './wait.ts';

/** The long-running programs of a cluster, each with a log file of its own. */
export class Processes {
  readonly #folder: string;
  readonly #running = new Map<string, ChildProcess>();
  #isClosed = false;

  /** @param folder where the logs go */
  constructor(folder: string) {
    this.#folder = folder;
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
    this.#running.set(name, child);
    child.on('error', (error) => console.error(`${name}: ${error.message}`));
  }

  endOfLog(name: string): string {
    return readFileSync(this.#logFile(name), 'utf8').slice(-3000);
  }

  #logFile(name: string): string {
    return join(this.#folder, `${name}.log`);
  }

  /** @throws HopelessError with the end of its log when it has ended by itself */
  assertRunning(name: string): void {
    const child = this.#running.get(name);
    if (child !== undefined && child.exitCode === null && child.signalCode === null) return;
    throw new HopelessError(`${name} has ended:\n${this.endOfLog(name)}`);
  }

  /** Asks it to stop and waits; after ten seconds it is killed. Safe when it does not run. */
  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
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
}
