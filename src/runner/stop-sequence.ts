import type { Cancel, Clock } from './clock.ts';
import type { ProcessEntry, ProcessIdentity, Processes } from './processes.ts';
import type { RunnerEvent, StopSpec } from './protocol.ts';
import { isSignal, sendSignal, signalByNonce, type Signal } from './signals.ts';
import type { SurvivorSearch } from './survivors.ts';

export type Notify = (notice: Omit<Extract<RunnerEvent, { event: 'notice' }>, 'event'>) => void;

export interface StopOptions {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly search: SurvivorSearch;
  readonly notify: Notify;
  readonly nonce: string;
  readonly identity: ProcessIdentity;
  /** SIGKILL to all that can be reached no other way. */
  readonly killAll: () => void;
}

/** A process that SIGKILL has not ended by then waits for the kernel. */
const KILL_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

/**
 * Ends one process and all that belongs to it.
 *
 *   asking ──main ends──▶ clearing ──nothing left──▶ done
 *     │ grace over            │ grace over: SIGKILL to each proven survivor
 *     ▼                       ▼
 *   killing ──main ends──▶ clearing ──nothing left, or left after 5 s (notice)──▶ done
 *     └── 5 s: notice, and SIGKILL again
 *
 * Asking again shortens the grace and sends the signal if it is another one. Without `tree`, what outlives a main
 * process that ended in time is left alone and named.
 */
export class StopSequence {
  readonly #options: StopOptions;
  #spec: StopSpec;
  #deadline = Infinity;
  #cancelTimer: Cancel | undefined;
  #mainEnded = false;
  killed = false;

  constructor(options: StopOptions, spec: StopSpec) {
    this.#options = options;
    this.#spec = spec;
    this.#signal(spec);
    this.#setDeadline(spec.graceMs);
  }

  again(spec: StopSpec): void {
    const other = spec.signal !== this.#spec.signal;
    this.#spec = spec;
    if (other && !this.#mainEnded) this.#signal(spec);
    this.#setDeadline(spec.graceMs);
  }

  /** To be called once when the main process has ended; resolves when nothing provably ours is left. */
  async mainEnded(): Promise<void> {
    this.#mainEnded = true;
    if (this.killed) this.#cancelTimer?.();
    const { search, nonce, identity } = this.#options;
    const found = await search.find(nonce, identity.pid);
    const left = this.#spec.tree || this.killed ? await this.#clear(found.proven) : found.proven;
    this.#cancelTimer?.();
    this.#name([...left, ...search.stillAlive(found.unproven)]);
  }

  #signal({ signal, tree }: StopSpec): void {
    if (!isSignal(signal)) return;
    const { processes, identity } = this.#options;
    sendSignal(processes, identity, { signal, tree });
    // A stopped process keeps the signal pending until it is continued.
    sendSignal(processes, identity, { signal: 'SIGCONT', tree });
  }

  #setDeadline(graceMs: number): void {
    const { clock } = this.#options;
    const deadline = clock.monotonic() + graceMs;
    if (this.killed || deadline >= this.#deadline) return;
    this.#deadline = deadline;
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(graceMs, () => this.#graceOver());
  }

  #graceOver(): void {
    this.killed = true;
    if (!this.#mainEnded || this.#spec.tree) this.#options.killAll();
    if (!this.#mainEnded) this.#kill();
  }

  #kill(): void {
    const { clock, processes, identity, notify, nonce } = this.#options;
    sendSignal(processes, identity, { signal: 'SIGKILL', tree: true });
    this.#cancelTimer = clock.after(KILL_TIMEOUT_MS, () => {
      const message = `process ${identity.pid} has not ended ${KILL_TIMEOUT_MS / 1000} s after SIGKILL`;
      notify({ nonce, code: 'kill-timeout', message });
      this.#kill();
    });
  }

  /** Asks, then kills, what the main process has left behind; resolves with what does not go. */
  async #clear(proven: readonly ProcessEntry[]): Promise<readonly ProcessEntry[]> {
    const { search, nonce, identity, clock } = this.#options;
    let giveUpAt = Infinity;
    if (!this.killed) this.#signalEach(proven, this.#spec.signal);
    for (let left = proven; ; left = (await search.find(nonce, identity.pid)).proven) {
      if (left.length === 0 || clock.monotonic() >= giveUpAt) return left;
      if (this.killed) {
        giveUpAt = Math.min(giveUpAt, clock.monotonic() + KILL_TIMEOUT_MS);
        this.#signalEach(left, 'SIGKILL');
      }
      await this.#untilGone(left);
    }
  }

  #signalEach(entries: readonly ProcessEntry[], name: string): void {
    const signals: Signal[] = isSignal(name) ? [name, 'SIGCONT'] : [];
    for (const entry of entries) {
      for (const signal of signals) signalByNonce(this.#options.processes, entry, signal);
    }
  }

  /** Waits until they are gone, or it is time to kill, or killing has not helped. */
  async #untilGone(entries: readonly ProcessEntry[]): Promise<void> {
    const { clock, search } = this.#options;
    const killedBefore = this.killed;
    const giveUpAt = clock.monotonic() + (killedBefore ? KILL_TIMEOUT_MS : Infinity);
    while (search.stillAlive(entries).length > 0 && clock.monotonic() < giveUpAt) {
      if (this.killed !== killedBefore) return;
      await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
    }
  }

  #name(survivors: readonly ProcessEntry[]): void {
    if (survivors.length === 0) return;
    const { notify, nonce } = this.#options;
    const pids = survivors.map(({ pid }) => pid).join(', ');
    notify({ nonce, code: 'survivors', message: `still running after the stop: process ${pids}` });
  }
}
