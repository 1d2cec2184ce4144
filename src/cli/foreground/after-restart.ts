import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { EventInfo } from '../../api/contract/wire/events.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';

export interface AfterRestartOptions {
  /** A line for a shell. */
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** What it writes is left out; that it has failed is not. */
  readonly isSilent: boolean;
  readonly say: (text: string) => void;
}

/** Instances that are replaced together are one restart. */
const SETTLE_MS = 200;
const KILL_MS = 2_000;
/** A longer line comes in pieces. */
const MAX_LINE = 64 * 1024;

/**
 * Runs a command after each restart of an app, never twice at once: what still runs when the next restart comes was about
 * code that is gone, and is ended with everything it started.
 *
 *   waiting ──restart──▶ settling ──200 ms──▶ running ──ended──▶ waiting
 *                           ▲                    └──restart──▶ ending ──gone──▶ settling
 */
export class AfterRestart {
  readonly #options: AfterRestartOptions;
  /** Slots that were started once: from then on it is a restart. */
  readonly #seen = new Set<string>();
  #running: { readonly child: ChildProcess; readonly gone: Promise<unknown> } | null = null;
  #settling: Cancel = () => undefined;
  #isClosed = false;

  constructor(options: AfterRestartOptions) {
    this.#options = options;
  }

  notice({ key, slot, message }: EventInfo): void {
    if (this.#isClosed || !message.startsWith('started slot ')) return;
    const place = `${key ?? ''}:${slot ?? ''}`;
    if (!this.#seen.has(place)) {
      this.#seen.add(place);
      return;
    }
    this.#settling();
    this.#settling = this.#options.clock.after(SETTLE_MS, () => void this.#runAnew());
  }

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#settling();
    await this.#stop();
  }

  async #runAnew(): Promise<void> {
    await this.#stop();
    // Two restarts may have waited for the same end.
    if (this.#isClosed || this.#running !== null) return;
    const { command, cwd, env, say, isSilent } = this.#options;
    const child = spawn('/bin/sh', ['-c', command], {
      ...{ cwd, env, detached: true },
      stdio: ['ignore', isSilent ? 'ignore' : 'pipe', isSilent ? 'ignore' : 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) eachLine(stream, say);
    const gone = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
    const running = { child, gone };
    this.#running = running;
    child.once('error', (error) => say(`cannot run ${command}: ${error.message}`));
    child.once('close', (code, signal) => {
      if (this.#running !== running) return;
      this.#running = null;
      if (code !== 0) say(`${command}: ended with ${signal ?? `exit code ${code ?? 'unknown'}`}`);
    });
  }

  /** Its whole group, at last with SIGKILL. */
  async #stop(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    signalGroup(running.child, 'SIGTERM');
    const cancel = this.#options.clock.after(KILL_MS, () => signalGroup(running.child, 'SIGKILL'));
    await running.gone;
    cancel();
    // What has outlived its shell, without a hold on what it writes.
    signalGroup(running.child, 'SIGKILL');
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone.
  }
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length < MAX_LINE) return;
    onLine(rest);
    rest = '';
  });
  void once(stream, 'end').then(() => rest !== '' && onLine(rest), () => undefined); // prettier-ignore
}
