import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { formatDuration } from '../../lib/units.ts';
import type { ProbeSpec } from '../../spec/types.ts';
import { afterOutcome, pendingProbe, type ProbeOutcome, type ProbeState } from './probe-state.ts';

/** Looks once. What it says after `signal` has fired is not used. */
export type Check = (signal: AbortSignal) => Promise<ProbeOutcome>;

export interface ProberOptions {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly spec: ProbeSpec;
  readonly firstInMs: number;
  readonly check: Check;
  /** After every outcome. */
  readonly onOutcome: (state: ProbeState, before: ProbeState) => void;
}

/** Part of the period by which each probe is moved at random, so that probes of many apps do not fall together. */
const JITTER = 0.1;

/** Probes again and again, never twice at once, until it is stopped. */
export class Prober {
  readonly #options: ProberOptions;
  #state: ProbeState;
  #cancel: Cancel;
  #abort: AbortController | undefined;
  #stopped = false;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#state = pendingProbe(options.clock.now());
    this.#cancel = options.clock.after(options.firstInMs, () => this.#probe());
  }

  get state(): ProbeState {
    return this.#state;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#abort?.abort();
  }

  #probe(): void {
    const { clock, check, spec } = this.#options;
    const abort = new AbortController();
    this.#abort = abort;
    let settled = false;
    const settle = (outcome: ProbeOutcome): void => {
      if (settled || this.#stopped) return;
      settled = true;
      this.#cancel();
      this.#take(outcome);
    };
    this.#cancel = clock.after(spec.timeout, () => {
      settle({ ok: false, text: `no answer within ${formatDuration(spec.timeout)}` });
      abort.abort();
    });
    check(abort.signal).then(settle, (error: unknown) => settle({ ok: false, text: String(error) }));
  }

  #take(outcome: ProbeOutcome): void {
    const { clock, random, spec, onOutcome } = this.#options;
    const before = this.#state;
    this.#state = afterOutcome(before, outcome, { spec, now: clock.now() });
    const factor = 1 + JITTER * (2 * random() - 1);
    this.#cancel = clock.after(spec.period * factor, () => this.#probe());
    onOutcome(this.#state, before);
  }
}
