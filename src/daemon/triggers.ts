import type { Clock } from '../lib/clock.ts';
import type { Store } from '../state/store.ts';
import type { Trigger, TriggerOutlet } from '../triggers/trigger.ts';
import type { HomePaths } from './home.ts';

export interface TriggersOptions {
  readonly outlet: TriggerOutlet;
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly store: Store;
  readonly paths: HomePaths;
  /** One line for the daemon's log. */
  readonly log: (line: string) => void;
}

/** Everything that watches for a reason to restart something, or to look at it again. */
export function createTriggers(_options: TriggersOptions): readonly Trigger[] {
  return [];
}
