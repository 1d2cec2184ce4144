import type { Channel } from '../channel/channel.ts';
import type { Cancel, Clock } from '../clock.ts';
import { Drain, drainRequest, type DrainAnswer } from './drain.ts';
import type { ProcessEntry, ProcessIdentity, Processes } from '../processes/processes.ts';
import type { RunnerEvent, StopSpec } from '../protocol/messages.ts';
import { isSignal, sendSignal, signalByNonce, type Signal } from '../processes/signals.ts';
import type { SurvivorSearch } from './survivors.ts';

export type Notify = (notice: Omit<Extract<RunnerEvent, { event: 'notice' }>, 'event'>) => void;

export interface StopOptions {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly search: SurvivorSearch;
  readonly notify: Notify;
  readonly nonce: string;
  readonly identity: ProcessIdentity;
  readonly channel: Pick<Channel, 'open' | 'send'> | null;
  /** SIGKILL to all that can be reached no other way. */
  readonly killAll: () => void;
}

/** A process that SIGKILL has not ended by then waits for the kernel. */
const KILL_TIMEOUT_MS = 5_000;
const POLL_MS = 20;
/** What apps that were written for PM2 wait for. */
const SHUTDOWN_MESSAGE = 'shutdown';

/**
 * Ends one process and all that belongs to it.
 *
 *   draining ──drained, or time over, or no answer──▶ asking
 *     └──main ends──▶ clearing
 *   asking ──main ends──▶ clearing ──nothing left──▶ done
 *     │ grace over            │ grace over: SIGKILL to each proven survivor
 *     ▼                       ▼
 *   killing ──main ends──▶ clearing ──nothing left, or left after 5 s (notice)──▶ done
 *     └── 5 s: notice, and SIGKILL again
 *
 * A process without an open channel is not drained. Asking again shortens the drain and the grace, and sends the signal
 * if it is another one. Without `tree`, what outlives a main process that ended in time is left alone and named.
 */
export class StopSequence {
  readonly #options: StopOptions;
  #spec: StopSpec;
  #deadline = Infinity;
  #cancelTimer: Cancel | undefined;
  #drain: Drain | undefined;
  /** The app listens to SIGTERM and not to SIGINT. */
  #wantsSigterm = false;
  #mainEnded = false;
  killed = false;

  constructor(options: StopOptions, spec: StopSpec) {
    this.#options = options;
    this.#spec = spec;
    const { drainMs = 0 } = spec;
    if (drainMs > 0 && this.#send(drainRequest(drainMs))) {
      this.#drain = new Drain(options.clock, drainMs, () => this.#ask());
    } else {
      this.#ask();
    }
  }

  again(spec: StopSpec): void {
    const before = this.#spec;
    if (this.#draining) {
      this.#spec = { ...spec, graceMs: Math.min(spec.graceMs, before.graceMs) };
      this.#drain?.shorten(spec.drainMs ?? 0);
      return;
    }
    this.#spec = spec;
    const other = spec.signal !== before.signal || (spec.message ?? false) !== (before.message ?? false);
    if (other && !this.#mainEnded) this.#askFor(spec);
    this.#setDeadline(spec.graceMs);
  }

  /** What the agent of the process says about draining. */
  answered(answer: DrainAnswer): void {
    if (!this.#draining) return;
    if (answer.kind === 'draining') this.#wantsSigterm = answer.signal === 'SIGTERM';
    this.#drain?.answered(answer);
  }

  /** Nobody is there any more who could say that it has drained. */
  channelClosed(): void {
    if (!this.#mainEnded) this.#drain?.finish();
  }

  /** To be called once when the main process has ended; resolves when nothing provably ours is left. */
  async mainEnded(): Promise<void> {
    this.#mainEnded = true;
    if (this.killed) this.#cancelTimer?.();
    if (this.#draining) {
      this.#drain?.cancel();
      this.#setDeadline(this.#spec.graceMs);
    }
    const { search, nonce, identity } = this.#options;
    const found = await search.find(nonce, identity.pid);
    const left = this.#spec.tree || this.killed ? await this.#clear(found.proven) : found.proven;
    this.#cancelTimer?.();
    this.#name([...left, ...search.stillAlive(found.unproven)]);
  }

  get #draining(): boolean {
    return this.#drain?.over === false;
  }

  #ask(): void {
    this.#askFor(this.#spec);
    this.#setDeadline(this.#spec.graceMs);
  }

  #askFor({ tree, message }: StopSpec): void {
    const { processes, identity } = this.#options;
    const signal = this.#signal;
    const said = message === true && this.#send(SHUTDOWN_MESSAGE);
    if (!said && isSignal(signal)) sendSignal(processes, identity, { signal, tree });
    // A stopped process keeps the signal pending until it is continued.
    sendSignal(processes, identity, { signal: 'SIGCONT', tree });
  }

  /** An app that listens to SIGTERM alone, as containers teach, would die of SIGINT without a word. */
  get #signal(): string {
    const { signal } = this.#spec;
    return signal === 'SIGINT' && this.#wantsSigterm ? 'SIGTERM' : signal;
  }

  #send(message: unknown): boolean {
    const { channel } = this.#options;
    return channel?.open === true && channel.send(message);
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
    if (!this.killed) this.#signalEach(proven, this.#signal);
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
