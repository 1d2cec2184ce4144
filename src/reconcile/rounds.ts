import type { AppKey } from '../lib/app-key.ts';
import type { Clock } from '../lib/clocks/clock.ts';
import { errorMessage } from '../lib/system-error.ts';
import type { Action } from '../plan/model/actions.ts';
import type { Reason } from '../plan/model/reasons.ts';

/**
 * Why an app was looked at. `begun`: the controller was; `desired`: what is wanted of it; `process`, `hook`: one of it has
 * changed; `runner`: it has come, gone or fallen silent; `dependency`: an app that it waits for, or that waits for it; `probe`,
 * `trigger`: they have found something; `condition`: something else is known of it now; `resync`: it is looked at from time to
 * time; `time`: something of it was due; `retry`: the round before had failed; `verdict`: that had settled a rollout.
 */
export type RoundCause =
  | 'begun'
  | 'desired'
  | 'process'
  | 'hook'
  | 'runner'
  | 'dependency'
  | 'probe'
  | 'trigger'
  | 'condition'
  | 'resync'
  | 'time'
  | 'retry'
  | 'verdict';

/** One step of a round; `error`: why it could not be taken, else null. */
export interface RoundAction {
  readonly kind: Exclude<Action['kind'], 'forget'>;
  /** null: it is about the whole app. */
  readonly slot: number | null;
  readonly reason: Reason;
  readonly error: string | null;
}

/** One look at one app that has led to something: actions, a verdict, or a failure. */
export interface Round {
  readonly key: AppKey;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly durationMs: number;
  /** All that had come together; empty: nobody has said. */
  readonly causes: readonly RoundCause[];
  /** Of the app; null: it is not desired. */
  readonly generation: number | null;
  readonly actions: readonly RoundAction[];
  /** What was settled in the place of actions: `the rollout has succeeded`; null: nothing. */
  readonly verdict: string | null;
  /** Why it is tried again; null: it is not. */
  readonly error: string | null;
}

/** What a round notes of itself as it goes. */
export interface RoundNotes {
  generation: number | null;
  verdict: string | null;
  readonly actions: RoundAction[];
}

/** Of one app. */
const KEPT = 20;
/** Of all apps together: those that have been quiet for longest lose theirs first. */
const KEPT_IN_ALL = 5_000;

/** The last rounds of each app, in memory: what happened is in the events, this is how the loop came to it. */
export class RoundBook {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #causes = new Map<AppKey, Set<RoundCause>>();
  /** The app that has had the last one is the last. */
  readonly #kept = new Map<AppKey, Round[]>();
  #amount = 0;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  /** Says why an app is looked at next. */
  because(key: AppKey, cause: RoundCause): void {
    const known = this.#causes.get(key);
    if (known === undefined) this.#causes.set(key, new Set([cause]));
    else known.add(cause);
  }

  /** Runs a round, and keeps it where something came of it. */
  async run(key: AppKey, round: (notes: RoundNotes) => Promise<void>): Promise<void> {
    const causes = this.#causesOf(key);
    const notes: RoundNotes = { generation: null, verdict: null, actions: [] };
    const [at, began] = [this.#clock.now(), this.#clock.monotonic()];
    const keep = (error: string | null): void => {
      if (error === null && notes.verdict === null && notes.actions.length === 0) return;
      const durationMs = Math.round(this.#clock.monotonic() - began);
      this.#keep({ key, at, durationMs, causes, ...notes, error });
    };
    try {
      await round(notes);
    } catch (error) {
      keep(errorMessage(error));
      throw error;
    }
    keep(null);
  }

  /** Those that are kept of an app, the oldest first. */
  of(key: AppKey): readonly Round[] {
    return this.#kept.get(key) ?? [];
  }

  /** Those of every app, also of apps that are gone. */
  all(): readonly Round[] {
    return [...this.#kept.values()].flat();
  }

  /** Nobody enqueues an app that waits for a time of its own: that has come. */
  #causesOf(key: AppKey): readonly RoundCause[] {
    const causes = this.#causes.get(key);
    this.#causes.delete(key);
    if (causes !== undefined) return [...causes];
    return [this.of(key).at(-1)?.error == null ? 'time' : 'retry'];
  }

  #keep(round: Round): void {
    const rounds = this.#kept.get(round.key) ?? [];
    this.#kept.delete(round.key);
    this.#kept.set(round.key, rounds);
    rounds.push(round);
    this.#amount += 1;
    if (rounds.length > KEPT) this.#drop(rounds);
    for (const [key, quiet] of this.#kept) {
      if (this.#amount <= KEPT_IN_ALL) return;
      this.#drop(quiet);
      if (quiet.length === 0) this.#kept.delete(key);
    }
  }

  #drop(rounds: Round[]): void {
    rounds.shift();
    this.#amount -= 1;
  }
}
