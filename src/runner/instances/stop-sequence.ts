import type { Cancel } from '../../lib/clocks/clock.ts';
import { clearLeftovers, nameSurvivors } from '../processes/clear-leftovers.ts';
import { Drain, drainRequest, type DrainAnswer } from './drain.ts';
import { ShutdownCommand } from '../errands/shutdown-command.ts';
import type { BegunShutdown } from '../errands/shutdown-errand.ts';
import { killMain } from '../processes/kill-main.ts';
import { mayBeAlive, type ProcessEntry } from '../processes/processes.ts';
import type { StopSpec } from '../protocol/orders.ts';
import { signalToSend, type Signal } from '../processes/host-signals.ts';
import { askLeftover, sendSignal } from '../processes/signals.ts';
import type { StopOptions, StopState } from './stop-options.ts';
import type { Survivors } from './survivors.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

/** What apps that were written for PM2 wait for. */
const SHUTDOWN_MESSAGE = 'shutdown';

/**
 * Ends one process and all that belongs to it.
 *
 *   draining ──drained, or time over, or no answer──▶ commanding ──command failed, or time over──▶ asking
 *     └──main ends──▶ clearing                           └──main and command end──▶ clearing
 *   asking ──main ends──▶ clearing ──nothing left──▶ done
 *     │ grace over            │ grace over: SIGKILL to each proven survivor
 *     ▼                       ▼
 *   killing ──main ends──▶ clearing ──nothing left, or left after 5 s (notice)──▶ done
 *     └── 5 s: notice, and SIGKILL again
 *
 * A process without an open channel is not drained, unless its agent is on its way back, and only some are ended by a command. Asking again shortens the drain
 * and the grace, and sends the signal if it is another one. What outlives the main process is ended too, unless its app keeps leftovers, or has no policy
 * and the stop is not for the tree: then it is left alone and named.
 */
export class StopSequence {
  readonly #options: StopOptions;
  #spec: StopSpec;
  #deadline = Infinity;
  #cancelTimer: Cancel | undefined;
  #drain: Drain | undefined;
  #command: ShutdownCommand | undefined;
  /** The app listens to SIGTERM and not to SIGINT. */
  #wantsSigterm = false;
  /** All of the group have had the signal. */
  #groupAsked = false;
  #mainEnded = false;
  /** What is left of it after the grace is killed. */
  #graceIsOver = false;
  /** There is something left that outlived the main process. */
  #isClearing = false;
  /** Some of it lived when the grace was over. */
  killed = false;
  /** What a person should know of it; null: nothing. */
  note: string | null = null;

  constructor(options: StopOptions, spec: StopSpec) {
    this.#options = options;
    this.#spec = spec;
    const { drainMs = 0 } = spec;
    if (options.before?.asked === true) {
      this.#goOnFrom(options.before);
    } else if (options.before?.commandLeftMs !== undefined) {
      this.#awaitCommand(options.command.find(spec.command), options.before.commandLeftMs);
    } else if (options.found !== undefined) {
      this.#mainEnded = true;
      this.#setDeadline(spec.graceMs);
    } else if (drainMs > 0 && (options.say(drainRequest(drainMs)) || options.agentComes)) {
      this.#drain = new Drain(options.clock, drainMs, () => this.#begin());
    } else {
      this.#begin();
    }
  }

  again(spec: StopSpec): void {
    const before = this.#spec;
    if (this.#draining || this.#commanding) {
      this.#spec = { ...spec, graceMs: Math.min(spec.graceMs, before.graceMs) };
      if (this.#draining) this.#drain?.shorten(spec.drainMs ?? 0);
      else if (spec.command === undefined) this.#command?.cut();
      return;
    }
    this.#spec = spec;
    const other = spec.signal !== before.signal || (spec.message ?? false) !== (before.message ?? false);
    if (other && !this.#mainEnded) this.#askFor(spec);
    this.#setDeadline(spec.graceMs);
  }

  /** Does nothing by itself until `resume`: another runner is about to go on with it. */
  suspend(): StopState {
    this.#cancelTimer?.();
    this.#drain?.suspend();
    this.#command?.suspend();
    const graceLeftMs = Math.max(0, this.#deadline - this.#options.clock.monotonic());
    return {
      spec: { ...this.#spec, drainMs: this.#draining ? (this.#drain?.leftMs ?? 0) : 0 },
      asked: !this.#draining && !this.#commanding,
      ...(this.#commanding && { commandLeftMs: this.#command?.leftMs ?? 0 }),
      graceLeftMs: Number.isFinite(graceLeftMs) ? graceLeftMs : this.#spec.graceMs,
      killed: this.killed,
      wantsSigterm: this.#wantsSigterm,
      groupAsked: this.#groupAsked,
    };
  }

  /** The other runner did not: it goes on here. */
  resume(state: StopState): void {
    if (this.#draining) this.#drain?.resume();
    else if (state.commandLeftMs !== undefined) this.#command?.resume();
    else this.#goOnFrom(state);
  }

  /** What the agent of the process says about draining. */
  answered(answer: DrainAnswer): void {
    if (!this.#draining) return;
    if (answer.kind === 'draining') this.#wantsSigterm = answer.signal === 'SIGTERM';
    this.#drain?.answered(answer);
  }

  /** The agent that was to come back is there. */
  channelOpened(): void {
    if (this.#drain !== undefined) this.#drain.ask(this.#options.say);
  }

  /** Nobody is there any more who could say that it has drained. */
  channelClosed(): void {
    if (!this.#mainEnded) this.#drain?.finish();
  }

  /** To be called once when the main process has ended; resolves with what of it cannot be ended. */
  async mainEnded(): Promise<readonly ProcessEntry[]> {
    const { search, found } = this.#options;
    this.#mainEnded = true;
    if (this.#graceIsOver) this.#cancelTimer?.();
    if (this.#draining || this.#commanding) {
      this.#drain?.cancel();
      await this.#command?.mainEnded();
      this.#setDeadline(this.#spec.graceMs);
    }
    const { proven, unproven } = found ?? (await this.#find());
    this.#isClearing = this.#isCleared && proven.length > 0;
    if (this.#graceIsOver) this.killed ||= this.#isClearing;
    const left = this.#isCleared ? await this.#clear(proven) : search.stillAlive(proven);
    this.#cancelTimer?.();
    nameSurvivors([...left, ...search.stillAlive(unproven)], this.#options);
    return this.#isCleared ? left : [];
  }

  get #isCleared(): boolean {
    const { leftovers } = this.#options;
    if (leftovers === null) return this.#spec.tree || this.killed;
    return leftovers === 'end';
  }

  /** Whether the whole group is meant. */
  get #isForTree(): boolean {
    return this.#spec.tree && this.#options.leftovers !== 'keep';
  }

  #find(): Promise<Survivors> {
    const { nonce, identity: main, group } = this.#options;
    return this.#options.search.find({ nonce, main, group });
  }

  get #draining(): boolean {
    return this.#drain?.over === false;
  }

  get #commanding(): boolean {
    return this.#command?.over === false;
  }

  #begin(): void {
    const { command } = this.#spec;
    if (command === undefined) this.#ask();
    else this.#awaitCommand(this.#options.command.begin(command));
  }

  #awaitCommand(errand: BegunShutdown | null, timeoutMs = errand?.leftMs ?? 0): void {
    const { clock, notify, nonce } = this.#options;
    const onFailed = (why: string): void => {
      this.note = `its shutdown command failed (${why}), so it got ${this.#signal}`;
      notify({ nonce, code: 'shutdown-failed', message: `the shutdown command failed: ${why}` });
    };
    this.#command = new ShutdownCommand({ clock, timeoutMs, errand, onFailed, onOver: () => this.#ask() });
  }

  /** It has been asked to end already. */
  #goOnFrom({ killed, graceLeftMs, wantsSigterm, groupAsked }: StopState): void {
    this.#wantsSigterm = wantsSigterm;
    this.#groupAsked = groupAsked;
    this.#deadline = Infinity;
    if (!killed) this.#setDeadline(graceLeftMs);
    else if (!this.#mainEnded) this.#graceOver();
    this.killed ||= killed;
  }

  #ask(): void {
    this.#askFor(this.#spec);
    this.#setDeadline(this.#spec.graceMs);
  }

  #askFor({ message }: StopSpec): void {
    const { processes, identity, say } = this.#options;
    const tree = this.#isForTree;
    if (message !== true || !say(SHUTDOWN_MESSAGE)) {
      const sent = sendSignal(processes, identity, { signal: this.#signal, tree });
      if (sent && tree) this.#groupAsked = true;
    }
    // A stopped process keeps the signal pending until it is continued.
    sendSignal(processes, identity, { signal: 'SIGCONT', tree });
    failpoint('stop.asked');
  }

  get #signal(): Signal {
    const { inBackground, processes, identity } = this.#options;
    const ignoresSigint = (): boolean =>
      inBackground && !this.#mainEnded && !processes.catches(identity.pid, 'SIGINT');
    return signalToSend(this.#spec.signal, () => this.#wantsSigterm || ignoresSigint());
  }

  #setDeadline(graceMs: number): void {
    const { clock } = this.#options;
    const deadline = clock.monotonic() + graceMs;
    if (this.#graceIsOver || deadline >= this.#deadline) return;
    this.#deadline = deadline;
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(graceMs, () => this.#graceOver());
  }

  #graceOver(): void {
    const { processes, identity } = this.#options;
    this.#graceIsOver = true;
    // One that has ended in time may not have been told of yet, and what it has left may still be looked for.
    this.killed ||= this.#mainEnded ? this.#isClearing : mayBeAlive(processes, identity);
    if (this.#options.leftovers !== 'keep' && (!this.#mainEnded || this.#isCleared)) this.#options.killAll();
    if (!this.#mainEnded) this.#cancelTimer = killMain(this.#options);
  }

  /** Asks, then kills, what the main process has left behind; resolves with what does not go. */
  #clear(proven: readonly ProcessEntry[]): Promise<readonly ProcessEntry[]> {
    const { processes, identity } = this.#options;
    return clearLeftovers(proven, {
      ...this.#options,
      find: () => this.#find(),
      isKilled: () => this.#graceIsOver,
      ask: (entry) => {
        const askedGroup = this.#groupAsked ? identity.pid : null;
        askLeftover(processes, entry, { signal: this.#signal, askedGroup });
      },
    });
  }
}
