import { DRAIN, DRAINED, DRAINING, isCommand, type DrainRequest } from '../../agent/protocol.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { isSignal, type Signal } from '../processes/host-signals.ts';

/**
 * A loop that does not turn for so long serves nobody: whoever waits for it has been let down already. Less would take
 * a busy app on a busy host for a hung one and cut its requests; more would hold up the stop of one that hangs.
 */
const ANSWER_MS = 2_000;

export type DrainAnswer =
  /** It takes no new work. `signal`: the one that the app itself listens to, if any. */
  { readonly kind: 'draining'; readonly signal: Signal | null } | { readonly kind: 'drained' };

export function drainRequest(ms: number): DrainRequest {
  return { cmd: DRAIN, ms };
}

/** Undefined: the message is none of the agent's about draining. */
export function drainAnswer(message: unknown): DrainAnswer | undefined {
  if (isCommand(message, DRAINED)) return { kind: 'drained' };
  if (!isCommand(message, DRAINING)) return undefined;
  const { signal } = message;
  return { kind: 'draining', signal: typeof signal === 'string' && isSignal(signal) ? signal : null };
}

/**
 * Waits for a process that was asked to drain; `onOver` is called once.
 *
 *   asked ──draining──▶ draining ──drained, or time over──▶ over
 *     └──drained, or no answer, or time over───────────────▲
 */
export class Drain {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #answerBy: number;
  #endBy: number;
  #cancelTimer: Cancel = () => undefined;
  #over = false;

  constructor(clock: Clock, ms: number, onOver: () => void) {
    this.#clock = clock;
    this.#onOver = onOver;
    this.#answerBy = clock.monotonic() + ANSWER_MS;
    this.#endBy = clock.monotonic() + ms;
    this.#setTimer();
  }

  get over(): boolean {
    return this.#over;
  }

  /** Until it is over, whatever the process says. */
  get leftMs(): number {
    return Math.max(0, this.#endBy - this.#clock.monotonic());
  }

  /** Waits for nothing until `resume`. */
  suspend(): void {
    this.#cancelTimer();
  }

  resume(): void {
    this.#setTimer();
  }

  /** Asks an agent that was not there when it began, with the time that is left. */
  ask(say: (message: unknown) => boolean): void {
    if (this.#over || !say(drainRequest(this.leftMs))) return;
    this.#answerBy = this.#clock.monotonic() + ANSWER_MS;
    this.#setTimer();
  }

  answered({ kind }: DrainAnswer): void {
    if (kind === 'drained') {
      this.finish();
    } else {
      this.#answerBy = Infinity;
      this.#setTimer();
    }
  }

  /** It is to be over in `ms`, if not before. */
  shorten(ms: number): void {
    this.#endBy = Math.min(this.#endBy, this.#clock.monotonic() + ms);
    if (ms > 0) this.#setTimer();
    else this.finish();
  }

  finish(): void {
    if (this.#over) return;
    this.cancel();
    this.#onOver();
  }

  /** Over without another word. */
  cancel(): void {
    this.#over = true;
    this.#cancelTimer();
  }

  #setTimer(): void {
    if (this.#over) return;
    this.#cancelTimer();
    const at = Math.min(this.#answerBy, this.#endBy);
    this.#cancelTimer = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => this.finish());
  }
}
