import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import type { Trigger, TriggerOutlet, TriggerView } from './trigger.ts';

export interface ResyncOptions {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly outlet: Pick<TriggerOutlet, 'submit'>;
}

const PERIOD_MS = 30_000;
/** Part of the period by which each tick is moved at random, so that ticks of many hosts do not fall together. */
const JITTER = 0.1;

/** Enqueues every app from time to time, whatever was missed. */
export function resyncTrigger({ clock, random, outlet }: ResyncOptions): Trigger {
  let view: TriggerView = { apps: [], instances: [] };
  let cancel: Cancel;
  const arm = (): void => {
    cancel = clock.after(PERIOD_MS * (1 + JITTER * (2 * random() - 1)), () => {
      for (const key of new Set([...view.apps, ...view.instances].map((it) => it.key))) outlet.submit(key);
      arm();
    });
  };
  arm();
  return {
    sync: (next) => (view = next),
    close: () => cancel(),
  };
}
