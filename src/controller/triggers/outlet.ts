import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Condition } from '../../plan/model/health.ts';
import { assessRestart } from '../../plan/decide/rollout-verdict.ts';
import { saysUnfit } from '../../plan/slots/unfit.ts';
import type { ReconcileLoop } from '../../reconcile/loop.ts';
import type { Observer } from '../../reconcile/observer.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import type { Store } from '../../state/store.ts';
import type { TriggerOutlet, TriggerRestart } from '../../triggers/trigger.ts';
import type { RecordRollout } from '../rollouts/rollout-recorder.ts';
import { WaitingRestarts } from './waiting-restarts.ts';

export interface OutletOptions {
  readonly store: Pick<Store, 'desiredApp' | 'commit' | 'appendEvent'>;
  readonly loop: Pick<ReconcileLoop, 'submit'>;
  readonly observer: Pick<Observer, 'instancesOf'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Where it is shown that an app waits for its restart. */
  readonly status: Pick<StatusTable, 'report'>;
  readonly recordRollout: RecordRollout;
  readonly log: (line: string) => void;
}

export interface ClosingOutlet extends TriggerOutlet {
  close(): void;
}

/**
 * Where triggers report to: a restart becomes a fact and an event, and the loop does the rest. What is wrong with a
 * version that has not proven itself yet ends its rollout: to restart it would be to try it again. While the state cannot
 * be written, restarts wait, and the app says so.
 */
export function triggerOutlet(options: OutletOptions): ClosingOutlet {
  const { loop, log, observer, clock } = options;
  const ask = (restart: TriggerRestart): Promise<string | null> =>
    recordRestart(restart, options).catch((error: unknown) => {
      log(`${restart.key}: cannot record a restart: ${String(error)}`);
      return null;
    });
  const waiting = new WaitingRestarts({ clock, observer, ask, show: (key, why) => show(key, why, options) });
  return {
    requestRestart(restart) {
      if (waiting.joins(restart)) return;
      // `ask` never rejects.
      void ask(restart).then((why) => {
        if (why !== null) waiting.add(restart, why);
      });
    },
    submit: (key) => loop.submit(key),
    close: () => waiting.close(),
  };
}

/** Resolves with why it has to wait; null: it is on record, or nothing is left of what it was about. */
async function recordRestart(
  restart: TriggerRestart,
  { store, observer, clock, recordRollout }: OutletOptions,
): Promise<string | null> {
  const { key, slot, reason, detail } = restart;
  const at = clock.now();
  const app = store.desiredApp(key);
  const verdict = app === undefined ? null : assessRestart(app, restart, observer.instancesOf(key));
  if (app !== undefined && verdict !== null && (await recordRollout(app, verdict))) return null;
  const committed = await store.commit({ ...restart, kind: 'restart-requested', at });
  if (!committed.ok) return committed.error.message;
  const level = saysUnfit(reason) ? 'warning' : 'info';
  store.appendEvent({ at, level, reason, message: detail, key, slot, pid: null, generation: null });
  return null;
}

function show(key: AppKey, why: string | null, { status, loop, store, clock, log }: OutletOptions): void {
  const condition: Condition | null =
    why === null ? null : { type: 'Saved', status: 'False', reason: 'StateUnwritten', message: why };
  if (!status.report(key, 'Saved', condition)) return;
  loop.submit(key);
  if (why === null) return;
  log(`${key}: ${why}`);
  store.appendEvent({
    ...{ at: clock.now(), level: 'warning', reason: 'StateUnwritten', message: why },
    ...{ key, slot: null, pid: null, generation: null },
  });
}
