import type { Clock } from '../../lib/clocks/clock.ts';
import type { Driver } from '../../driver/driver.ts';
import { hasAgent } from '../../spec/node-app.ts';
import { redactorOf } from '../../spec/secrets/redact.ts';
import type { Store } from '../../state/store.ts';
import { Probes } from '../../triggers/probes/probes.ts';
import { probeCheck, type CheckContext } from './probe-checks.ts';
import { PortOwners } from '../../triggers/probes/port-owner.ts';
import { ProbePorts } from '../../triggers/probes/probe-ports.ts';

export interface CreateProbesOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly driver: CheckContext['driver'] & Pick<Driver, 'instancesOf' | 'send' | 'subscribe'>;
  readonly secrets: CheckContext['secrets'];
  readonly onError: (error: unknown) => void;
}

export function createProbes({ clock, store, driver, secrets, onError }: CreateProbesOptions): Probes {
  const probePorts = new ProbePorts(driver, clock);
  const owners = new PortOwners(() => clock.monotonic());
  return new Probes({
    clock,
    random: Math.random,
    onError,
    checkOf: (probe, target) => {
      const check = probeCheck(probe, target, { probePorts, owners, driver, secrets });
      const show = redactorOf(target.app.spec);
      return async (signal) => {
        const outcome = await check(signal);
        return outcome.ok ? outcome : { ok: false, text: show(outcome.text) };
      };
    },
    canSayReady: ({ spec }) => spec.notify || hasAgent(spec),
    report: (event) =>
      store.appendEvent({
        ...event,
        at: clock.now(),
        level: event.reason === 'Ready' ? 'info' : 'warning',
        generation: null,
      }),
  });
}
