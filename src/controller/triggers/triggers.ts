import type { Clock } from '../../lib/clock.ts';
import type { Driver } from '../../driver/driver.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import type { Store } from '../../state/store.ts';
import { codeTrigger, type CodeSource } from '../../triggers/code.ts';
import { CronTrigger } from '../../triggers/schedule/cron.ts';
import { portConflictsTrigger } from '../../triggers/probes/port-conflicts.ts';
import { PortOwners } from '../../triggers/probes/port-owner.ts';
import { heartbeatTrigger } from '../../triggers/heartbeat.ts';
import { loadTimetables } from '../../triggers/schedule/timetable.ts';
import type { Trigger, TriggerOutlet } from '../../triggers/trigger.ts';
import { procSampler, singleProcessSampler } from '../../triggers/usage/sample-usage.ts';
import { usageTrigger, type UsageSample } from '../../triggers/usage/usage.ts';
import { dependencyTrigger } from '../dependency-restarts.ts';
import { limitsTrigger } from '../../triggers/limits.ts';
import { fileTrigger } from '../watch.ts';
import type { HomeLayout } from '../../home/layout.ts';

export interface TriggersOptions {
  readonly outlet: TriggerOutlet;
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly store: Store;
  readonly driver: Pick<Driver, 'instance' | 'instancesOf' | 'logFiles' | 'send' | 'subscribe' | 'tail'>;
  readonly probes: Trigger;
  readonly status: StatusTable;
  readonly code: CodeSource;
  readonly paths: HomeLayout;
  /** One line for the daemon's log. */
  readonly log: (line: string) => void;
  /** Gets every round of usage samples, by pid. */
  readonly onUsage: (samples: ReadonlyMap<number, UsageSample>) => void;
}

const USAGE_PERIOD_MS = 2_000;

/** Everything that watches for a reason to restart something, or to look at it again. */
export function createTriggers(options: TriggersOptions): readonly Trigger[] {
  const { outlet, clock, store, log, onUsage, driver } = options;
  const sample = process.platform === 'linux' ? procSampler(() => clock.monotonic()) : singleProcessSampler;
  return [
    usageTrigger({ clock, periodMs: USAGE_PERIOD_MS, sample, outlet, onSamples: onUsage }),
    dependencyTrigger(options),
    fileTrigger(options),
    limitsTrigger(options),
    codeTrigger(options),
    portConflictsTrigger({ ...options, owners: new PortOwners(() => clock.monotonic()) }),
    options.probes,
    heartbeatTrigger({
      clock,
      outlet,
      // Whether it got there shows in the answer.
      send: (nonce, message) => void driver.send(nonce, message),
      onMessage: (listener) =>
        driver.subscribe((event) => {
          if (event.kind === 'message') listener(event.nonce, event.message);
        }),
    }),
    new CronTrigger({ clock, outlet, store, load: loadTimetables, log }),
  ];
}
