import { formatDuration } from '../lib/units.ts';
import { runMode } from '../plan/slots/effective.ts';
import { isDeclared, type Trigger, type TriggerOutlet, type TriggerView } from './trigger.ts';

/**
 * Asks for a restart of each process that the runner has not heard of by sd_notify(3) for longer than `watchdog` allows, or
 * that has said itself that it hangs. One that is being replaced is left alone.
 */
export function watchdogTrigger({ outlet }: { readonly outlet: TriggerOutlet }): Trigger {
  /** Instances that a restart was asked for. */
  const asked = new Set<string>();
  return {
    sync({ apps, instances }: TriggerView): void {
      const silent = instances.filter(({ notify, state }) => notify?.silent === true && state === 'running');
      for (const nonce of asked) if (!silent.some((other) => other.nonce === nonce)) asked.delete(nonce);
      for (const instance of silent) {
        const { key, slot, nonce } = instance;
        const app = apps.find((other) => other.key === key);
        const limit = app?.spec.watchdog ?? null;
        if (app === undefined || limit === null || asked.has(nonce)) continue;
        if (runMode(app.spec, app.override) === 'stopped' || !isDeclared(instance, app)) continue;
        asked.add(nonce);
        const detail = `no WATCHDOG=1 in time (watchdog: ${formatDuration(limit)}), or WATCHDOG=trigger`;
        outlet.requestRestart({ key, slot, reason: 'WatchdogMissed', detail });
      }
    },
    close: () => undefined,
  };
}
