import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Live } from '../../lib/values/live.ts';

/** Something that is looked at from time to time. */
export interface Look {
  /** Never twice at once. */
  look(): Promise<void>;
  /** Whether what was found is still so; absent: only a look tells. */
  recheck?(): Promise<void>;
}

export interface RoundsOptions {
  /** Each is cheap, or looks only where something calls for it. */
  readonly looks: readonly Look[];
  /** What has to be known before anything is looked at. */
  readonly prepare: () => Promise<void>;
  /** What is looked at whenever somebody asks. */
  readonly whenAsked: Look;
  readonly clock: Clock;
  /** From one round to the next, in milliseconds. */
  readonly period: Live<number>;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
  /** Calls `listener` whenever something is desired otherwise, until the returned function is called. */
  readonly onCommit: (listener: () => void) => Cancel;
}

export interface Rounds {
  /** What changes beside stateward, as it is now; at most once a second. */
  asked(): Promise<void>;
  close: Cancel;
}

const FIRST_MS = 2_000;
const JITTER = 0.1;
const FRESH_MS = 1_000;

/** Looks at everything in rounds, one look after the other, and at what is cheap when somebody asks. */
export function driftRounds({
  looks,
  prepare,
  whenAsked,
  clock,
  period,
  random,
  onError,
  onCommit,
}: RoundsOptions): Rounds {
  let closed = false;
  let inRound = false;
  /** For the time of the next round. */
  let isWaiting = true;
  let lookedAt = -Infinity;
  let underWay: Promise<void> | undefined;
  let prepared: Promise<void> | undefined;
  const lookNow = async (): Promise<void> => {
    await (prepared ??= prepare().catch(onError));
    await whenAsked.look();
    // Not while a round is at it.
    if (!inRound) for (const one of looks) await one.recheck?.();
  };
  const asked = (): Promise<void> => {
    if (underWay !== undefined) return underWay;
    if (clock.monotonic() - lookedAt < FRESH_MS) return Promise.resolve();
    underWay = lookNow()
      .catch(onError)
      .finally(() => {
        lookedAt = clock.monotonic();
        underWay = undefined;
      });
    return underWay;
  };
  const unfollow = onCommit(() => (lookedAt = -Infinity));
  const round = async (): Promise<void> => {
    isWaiting = false;
    await asked();
    inRound = true;
    for (const one of looks) if (!closed) await one.look().catch(onError);
    inRound = false;
    if (!closed) arm();
  };
  const arm = (): void => {
    cancel();
    isWaiting = true;
    cancel = clock.after(period.now * (1 + JITTER * (2 * random() - 1)), () => void round());
  };
  let cancel: Cancel = clock.after(FIRST_MS, () => void round());
  const unfollowPeriod = period.onChange(() => {
    if (isWaiting && !closed) arm();
  });
  return {
    asked,
    close() {
      closed = true;
      unfollow();
      unfollowPeriod();
      cancel();
    },
  };
}
