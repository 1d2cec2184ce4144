import { spawn, type ChildProcess, type SendHandle } from 'node:child_process';
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { openDaemonLog } from '../../home/daemon-log.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { NONCE_VARIABLE } from '../processes/nonce.ts';
import type { Bequest } from './estate.ts';
import { FIRST_LOCK_FD, SUCCEED_FLAG, type FromSuccessor, type ToSuccessor } from './messages.ts';

export interface SuccessorOptions {
  /** Descriptors of the lock of the home, where the kernel holds it. */
  readonly lockFds: readonly number[];
  /** Where it writes what it has to say. */
  readonly logPath: string;
  readonly clock: Clock;
}

const LAST_LINES = 10;
const END_MS = 2_000;

type Said<K extends FromSuccessor['kind']> = Extract<FromSuccessor, { kind: K }>;

/** The process of a runner that is to take over, as the one that started it sees it. */
export class SuccessorProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #logPath: string;
  readonly #logStart: number;
  readonly #said = new Map<FromSuccessor['kind'], FromSuccessor>();
  /** Why it will say nothing more. */
  #over: string | null = null;
  #ended = false;
  #onNews: () => void = () => undefined;

  /** Starts it; that it cannot be started shows as its end. */
  static start(
    [file, ...args]: readonly [string, ...string[]],
    { lockFds, logPath, clock }: SuccessorOptions,
  ): SuccessorProcess {
    const log = openDaemonLog(logPath);
    const logStart = fstatSync(log).size;
    try {
      // Started from inside an instance, what is ours is not part of it.
      const { [NONCE_VARIABLE]: _, ...env } = process.env;
      const flag = `${SUCCEED_FLAG}=${lockFds.map((_, index) => FIRST_LOCK_FD + index).join()}`;
      const child = spawn(file, [...args, flag], {
        detached: true,
        cwd: '/',
        env,
        stdio: ['ignore', log, log, 'ipc', ...lockFds],
      });
      return new SuccessorProcess(child, { clock, logPath, logStart });
    } finally {
      closeSync(log);
    }
  }

  private constructor(
    child: ChildProcess,
    { clock, logPath, logStart }: Omit<SuccessorOptions, 'lockFds'> & { readonly logStart: number },
  ) {
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.#clock = clock;
    this.#logPath = logPath;
    this.#logStart = logStart;
    child.on('message', (message) => {
      const said = message as FromSuccessor;
      this.#said.set(said.kind, said);
      if (said.kind === 'failed') this.#over ??= said.message;
      this.#onNews();
    });
    child.on('error', (error) => this.#end(`it cannot be started: ${errorMessage(error)}`));
    child.on('exit', (code, signal) => this.#end(`it ended with ${signal ?? `code ${code}`}`));
  }

  /** The word of this kind, as soon as it is said; rejects when it will not be, or not within `ms`. */
  async next<K extends FromSuccessor['kind']>(kind: K, ms: number): Promise<Said<K>> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      const look = (): void => {
        if (!this.#said.has(kind) && this.#over === null) return;
        cancel();
        resolve();
      };
      this.#onNews = look;
      look();
    });
    const said = this.#said.get(kind);
    if (said !== undefined) return said as Said<K>;
    throw new Error(this.#over ?? `it has not said within ${ms / 1000} s that it is ${kind}`);
  }

  /** Says something to it; what cannot be said any more shows as its end. */
  tell(message: ToSuccessor, handle?: Bequest['handle']): void {
    if (!this.#child.connected) return;
    this.#child.send(message, handle as SendHandle | undefined, { keepOpen: true }, (error) => {
      if (error !== null) this.#end(`it cannot be told: ${errorMessage(error)}`);
    });
  }

  /** The last lines of the log since it was started. */
  output(): readonly string[] {
    try {
      const text = readFileSync(this.#logPath).subarray(this.#logStart).toString('utf8').trimEnd();
      return text === '' ? [] : text.split('\n').slice(-LAST_LINES);
    } catch {
      return [];
    }
  }

  /** Resolves when it has ended. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    const end = this.#clock.monotonic() + END_MS;
    while (!this.#ended && this.#child.pid !== undefined && this.#clock.monotonic() < end) {
      await new Promise<void>((resolve) => this.#clock.after(1, resolve));
    }
  }

  /** Leaves it to itself. */
  release(): void {
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
  }

  #end(why: string): void {
    this.#ended ||= why.startsWith('it ended');
    this.#over ??= why;
    this.#onNews();
  }
}
