import type { Clock } from '../../lib/clocks/clock.ts';
import { assessRestart } from '../../plan/decide/rollout-verdict.ts';
import { saysUnfit } from '../../plan/slots/unfit.ts';
import type { ReconcileLoop } from '../../reconcile/loop.ts';
import type { Observer } from '../../reconcile/observer.ts';
import type { Store } from '../../state/store.ts';
import type { TriggerOutlet, TriggerRestart } from '../../triggers/trigger.ts';
import type { RecordRollout } from '../rollouts/rollout-recorder.ts';

export interface OutletOptions {
  readonly store: Pick<Store, 'desiredApp' | 'commit' | 'appendEvent'>;
  readonly loop: Pick<ReconcileLoop, 'submit'>;
  readonly observer: Pick<Observer, 'instancesOf'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly recordRollout: RecordRollout;
  readonly log: (line: string) => void;
}

/**
 * Where triggers report to: a restart becomes a fact and an event, and the loop does the rest. What is wrong with a
 * version that has not proven itself yet ends its rollout: to restart it would be to try it again.
 */
export function triggerOutlet(options: OutletOptions): TriggerOutlet {
  const { loop, log } = options;
  return {
    requestRestart(restart) {
      const complain = (why: string): void => log(`${restart.key}: cannot record a restart: ${why}`);
      recordRestart(restart, options, complain).catch((error: unknown) => complain(String(error)));
    },
    submit: (key, cause) => loop.submit(key, cause ?? 'trigger'),
  };
}

async function recordRestart(
  restart: TriggerRestart,
  { store, observer, clock, recordRollout }: OutletOptions,
  complain: (why: string) => void,
): Promise<void> {
  const { key, slot, reason, detail } = restart;
  const at = clock.now();
  const app = store.desiredApp(key);
  const verdict = app === undefined ? null : assessRestart(app, restart, observer.instancesOf(key));
  if (app !== undefined && verdict !== null && (await recordRollout(app, verdict))) return;
  const isReload = reason === 'FileChanged' && app !== undefined && app.spec.reload !== null;
  const committed = await store.commit(
    isReload
      ? { kind: 'reload-requested', key, slots: slot === null ? null : [slot], reason, detail, at }
      : { ...restart, kind: 'restart-requested', at },
  );
  if (!committed.ok) {
    complain(committed.error.message);
    return;
  }
  const level = saysUnfit(reason) ? 'warning' : 'info';
  store.appendEvent({ at, level, reason, message: detail, key, slot, pid: null, generation: null });
}
