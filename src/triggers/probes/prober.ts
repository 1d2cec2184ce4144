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
  /** Until it succeeds for the first time, it is looked sooner as well: see Prober. */
  readonly eager: boolean;
  /** After every outcome. */
  readonly onOutcome: (state: ProbeState, before: ProbeState) => void;
}

/** Part of the period by which each probe is moved at random, so that probes of many apps do not fall together. */
const JITTER = 0.1;

/** The first look before the next probe is due; each further one comes after twice the time. */
const FIRST_EARLY_MS = 50;

/**
 * Probes again and again, never twice at once, until it is stopped. An eager one looks between its first probes too, soon
 * at first: what is up a moment after a probe is not to wait a whole period for the next. Such a look counts when it
 * succeeds; that it fails is no failure.
 */
export class Prober {
  readonly #options: ProberOptions;
  #state: ProbeState;
  #cancel: Cancel;
  #abort: AbortController | undefined;
  #stopped = false;
  /** On the monotonic clock: when the next probe is due. */
  #dueAt: number;
  /** Until the next look before that; infinite: there is none. */
  #earlyMs: number;

  constructor(options: ProberOptions) {
    const { clock, firstInMs, eager } = options;
    this.#options = options;
    this.#state = pendingProbe(clock.now());
    this.#earlyMs = eager ? FIRST_EARLY_MS : Infinity;
    this.#dueAt = clock.monotonic() + firstInMs;
    this.#cancel = clock.after(firstInMs, () => this.#probe('due'));
  }

  get state(): ProbeState {
    return this.#state;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#abort?.abort();
  }

  #probe(look: 'due' | 'early'): void {
    const { clock, check, spec } = this.#options;
    const abort = new AbortController();
    this.#abort = abort;
    let settled = false;
    const settle = (outcome: ProbeOutcome): void => {
      if (settled || this.#stopped) return;
      settled = true;
      this.#cancel();
      this.#take(outcome, look);
    };
    const late = (): void => {
      settle({ ok: false, text: `no answer within ${formatDuration(spec.timeout)}` });
      abort.abort();
    };
    // Behind what has come in meanwhile: where this process had no turn, the answer may have been there for long.
    this.#cancel = clock.after(spec.timeout, () => setImmediate(late));
    check(abort.signal).then(settle, (error: unknown) => settle({ ok: false, text: String(error) }));
  }

  #take(outcome: ProbeOutcome, look: 'due' | 'early'): void {
    if (look === 'early' && !outcome.ok) {
      this.#next();
      return;
    }
    const { clock, random, spec, onOutcome } = this.#options;
    const before = this.#state;
    this.#state = afterOutcome(before, outcome, { spec, now: clock.now() });
    const factor = 1 + JITTER * (2 * random() - 1);
    this.#dueAt = clock.monotonic() + spec.period * factor;
    if (outcome.ok) this.#earlyMs = Infinity;
    this.#next();
    onOutcome(this.#state, before);
  }

  #next(): void {
    const { clock } = this.#options;
    const leftMs = Math.max(0, this.#dueAt - clock.monotonic());
    const look = this.#earlyMs < leftMs ? 'early' : 'due';
    this.#cancel = clock.after(Math.min(this.#earlyMs, leftMs), () => this.#probe(look));
    this.#earlyMs *= 2;
  }
}
