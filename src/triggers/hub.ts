import type { Driver } from '../driver/driver.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import type { Live } from '../lib/values/live.ts';
import type { StatusTable } from '../reconcile/status-table.ts';
import type { Store } from '../state/store.ts';
import { codeTrigger, type CodeSource } from './code.ts';
import { secretsTrigger } from './secrets.ts';
import { dependencyTrigger } from './dependency-restarts.ts';
import { heartbeatTrigger } from './heartbeat.ts';
import { limitsTrigger } from './limits.ts';
import { portConflictsTrigger } from './probes/port-conflicts.ts';
import { portsOpenTrigger } from './probes/ports-open.ts';
import { resyncTrigger } from './resync.ts';
import { cronTrigger } from './schedule/cron.ts';
import type { Trigger, TriggerOutlet } from './trigger.ts';
import type { UsageTable } from './usage/usage-table.ts';
import { usageTrigger } from './usage/usage.ts';
import { watchdogTrigger } from './watchdog.ts';
import { watchTrigger } from './watch/watch.ts';

/** What triggers are made from; each takes what it needs. */
export interface TriggerContext {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly outlet: TriggerOutlet;
  readonly store: Store;
  readonly driver: Driver;
  readonly status: StatusTable;
  readonly code: CodeSource;
  readonly usage: UsageTable;
  /** Where stateward itself writes, absolute. */
  readonly paths: { readonly home: string };
  /** How often what nobody tells of is looked at, in milliseconds. */
  readonly intervals: { readonly [What in 'resync' | 'usage' | 'code']: Live<number> };
  /** One line for the daemon's log. */
  readonly log: (line: string) => void;
}

/**
 * Everything that watches for a reason to restart an app or to reconcile it again. A new trigger is one line here.
 */
const TRIGGERS: readonly ((context: TriggerContext) => Trigger)[] = [
  usageTrigger,
  dependencyTrigger,
  watchTrigger,
  limitsTrigger,
  codeTrigger,
  secretsTrigger,
  portConflictsTrigger,
  portsOpenTrigger,
  heartbeatTrigger,
  watchdogTrigger,
  cronTrigger,
  resyncTrigger,
];

export function createTriggers(context: TriggerContext): readonly Trigger[] {
  return TRIGGERS.map((create) => create(context));
}

/** Of the time, at most one part in so many goes into showing triggers what there is. */
const SHARE = 10;

export interface TriggerHubOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly store: Pick<Store, 'desired' | 'onCommit'>;
  readonly driver: Pick<Driver, 'instances' | 'reachable' | 'subscribe'>;
  readonly triggers: readonly Trigger[];
}

/**
 * Shows every trigger what is desired and what runs, once for all changes of one turn of the event loop. Triggers look at
 * every app: where thousands are being started, and each start is a change, they are shown them less often.
 */
export class TriggerHub {
  readonly #options: TriggerHubOptions;
  readonly #subscriptions: readonly Cancel[];
  #due = false;
  /** The monotonic time before which they are not shown anything again. */
  #notBefore = -Infinity;
  #cancel: Cancel = () => undefined;
  #seen = false;
  #closed = false;

  constructor(options: TriggerHubOptions) {
    this.#options = options;
    this.#subscriptions = [
      // What an app has to say changes nothing that a trigger is shown, and can be much.
      options.driver.subscribe(({ kind }) => kind !== 'message' && this.#changed()),
      options.store.onCommit(() => this.#changed()),
    ];
    this.#changed();
  }

  /** When the app is restarted or run by its schedule next, epoch milliseconds; null: it has none, or is stopped. */
  nextRun(key: AppKey): number | null {
    for (const trigger of this.#options.triggers) {
      const at = trigger.nextRun?.(key) ?? null;
      if (at !== null) return at;
    }
    return null;
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    for (const trigger of this.#options.triggers) trigger.close();
  }

  #changed(): void {
    if (this.#due || this.#closed) return;
    this.#due = true;
    const sync = (): void => {
      this.#due = false;
      if (!this.#closed) this.#timedSync();
    };
    const { clock } = this.#options;
    const waitMs = this.#notBefore - clock.monotonic();
    if (waitMs > 0) this.#cancel = clock.after(waitMs, sync);
    else setImmediate(sync);
  }

  #timedSync(): void {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    this.#sync();
    const ended = clock.monotonic();
    this.#notBefore = ended + (ended - begun) * (SHARE - 1);
  }

  #sync(): void {
    const { store, driver, triggers } = this.#options;
    // Before the runner has reported once, nothing would seem to run.
    this.#seen ||= driver.reachable;
    if (!this.#seen) return;
    const view = { apps: store.desired(), instances: driver.instances() };
    for (const trigger of triggers) trigger.sync(view);
  }
}
