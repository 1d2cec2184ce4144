import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import type { Live } from '../lib/values/live.ts';
import type { Trigger, TriggerOutlet, TriggerView } from './trigger.ts';

export interface ResyncOptions {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly outlet: Pick<TriggerOutlet, 'submit'>;
  readonly intervals: {
    /** From one tick to the next where anything changes, in milliseconds. */
    readonly resync: Live<number>;
  };
}

/** On a host that idles each tick comes after twice the time of the one before, up to so many times the first. */
const LONGEST = 4;
/** Part of the period by which each tick is moved at random, so that ticks of many hosts do not fall together. */
const JITTER = 0.1;

/**
 * Enqueues every app from time to time, whatever was missed. What is due at a time needs no tick: the plan says when. So
 * ticks become rare while nothing changes, and come as before from the first change on.
 */
export function resyncTrigger({ clock, random, outlet, intervals }: ResyncOptions): Trigger {
  const { resync } = intervals;
  let view: TriggerView = { apps: [], instances: [] };
  let periodMs = resync.now;
  let changed = true;
  let cancel: Cancel = () => undefined;
  const arm = (): void => {
    cancel();
    cancel = clock.after(periodMs * (1 + JITTER * (2 * random() - 1)), tick);
  };
  const tick = (): void => {
    periodMs = changed ? resync.now : Math.min(2 * periodMs, LONGEST * resync.now);
    changed = false;
    arm();
    for (const key of new Set([...view.apps, ...view.instances].map((it) => it.key)))
      outlet.submit(key, 'resync');
  };
  const armAnew = (): void => {
    if (periodMs === resync.now) return;
    periodMs = resync.now;
    arm();
  };
  arm();
  const unfollow = resync.onChange(armAnew);
  return {
    sync: (next) => {
      view = next;
      changed = true;
      armAnew();
    },
    close: () => {
      unfollow();
      cancel();
    },
  };
}
