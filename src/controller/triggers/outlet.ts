import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Driver } from '../../driver/driver.ts';
import { saysUnfit } from '../../plan/slots/unfit.ts';
import type { ReconcileLoop } from '../../reconcile/loop.ts';
import type { Store } from '../../state/store.ts';
import type { Trigger, TriggerOutlet, TriggerRestart } from '../../triggers/trigger.ts';
import type { ControllerContext } from '../context/context.ts';
import type { RecordRollout } from '../rollouts/rollout-recorder.ts';
import { unfitness } from '../unfit.ts';

export interface TriggerHubOptions {
  readonly store: Pick<Store, 'desired'>;
  readonly driver: Driver;
  readonly triggers: readonly Trigger[];
}

/** Shows every trigger what is desired and what runs, once for all changes of one turn of the event loop. */
export class TriggerHub {
  readonly #options: TriggerHubOptions;
  readonly #unsubscribe: () => void;
  #due = false;
  #seen = false;
  #closed = false;

  constructor(options: TriggerHubOptions) {
    this.#options = options;
    this.#unsubscribe = options.driver.subscribe(() => this.changed());
    this.changed();
  }

  /** Something is desired or runs that did not, or no longer. */
  changed(): void {
    if (this.#due || this.#closed) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      if (!this.#closed) this.#sync();
    });
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
    this.#unsubscribe();
    for (const trigger of this.#options.triggers) trigger.close();
  }

  #sync(): void {
    const { store, driver, triggers } = this.#options;
    // Before the first word of the runner nothing would seem to run.
    this.#seen ||= driver.reachable;
    if (!this.#seen) return;
    const view = { apps: store.desired(), instances: driver.instances() };
    for (const trigger of triggers) trigger.sync(view);
  }
}

export interface OutletOptions {
  readonly commit: ControllerContext['commit'];
  readonly loop: ReconcileLoop;
  readonly store: Store;
  readonly clock: Clock;
  readonly recordRollout: RecordRollout;
  readonly log: (line: string) => void;
}

/**
 * Where triggers report to: a restart becomes a fact and an event, and the loop does the rest. What is wrong with a
 * version that has not proven itself yet ends its rollout: to restart it would be to try it again.
 */
export function triggerOutlet({
  commit,
  loop,
  store,
  clock,
  recordRollout,
  log,
}: OutletOptions): TriggerOutlet {
  const record = async (restart: TriggerRestart): Promise<void> => {
    const { key, slot, reason, detail } = restart;
    const at = clock.now();
    const app = store.desired().find((candidate) => candidate.key === key);
    const verdict = app === undefined ? null : unfitness(app, restart, loop.observe(key));
    if (app !== undefined && verdict !== null && (await recordRollout(app, verdict))) return;
    const committed = await commit({
      ...restart,
      kind: 'restart-requested',
      at,
    });
    if (!committed.ok) log(`${key}: cannot record a restart: ${committed.error.message}`);
    else
      store.appendEvent({
        at,
        level: saysUnfit(reason) ? 'warning' : 'info',
        reason,
        message: detail,
        key,
        slot,
        pid: null,
        generation: null,
      });
  };
  return {
    requestRestart: (restart) => {
      record(restart).catch((error: unknown) =>
        log(`${restart.key}: cannot record a restart: ${String(error)}`),
      );
    },
    submit: (key) => loop.submit(key),
  };
}
