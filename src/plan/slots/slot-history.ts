import { isOnRecord, recordExit, type ExitInfo } from './history.ts';
import { byNonce } from '../model/order.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { InstanceExit, ObservedInstance, SlotHistory } from '../model/observed.ts';
import { unfitnessOf } from './unfit.ts';

/**
 * An exit that is on the table but not on record yet counts as well, or a start without back-off would follow a crash.
 * The longest jitter stands in for the one that is drawn when the exit is recorded.
 */
export function withExits(
  recorded: SlotHistory | undefined,
  exited: readonly ObservedInstance[],
  app: DesiredApp,
): SlotHistory | undefined {
  const fresh = exited
    .flatMap((instance) => (instance.exit === null ? [] : [{ instance, exit: instance.exit }]))
    .filter(({ instance }) => !isOnRecord(recorded, instance.nonce))
    .sort((a, b) => byTime(a.exit, b.exit) || byNonce(a.instance, b.instance));
  return fresh.reduce<SlotHistory | undefined>(
    (history, { instance, exit }) =>
      recordExit(history, exit, { ...exitInfoOf(instance, app), jitter: 1, spec: app.spec }),
    recorded,
  );
}

/** What the history notes about an ended process beside its exit. */
export function exitInfoOf(
  instance: ObservedInstance,
  app: DesiredApp | undefined,
): Omit<ExitInfo, 'jitter' | 'spec'> {
  const { slot, nonce, templateHash, restartGeneration, generation, exit, wasReady, code } = instance;
  const unfit = app !== undefined && exit?.requested === true ? unfitnessOf(instance, app) : undefined;
  return {
    ...{ slot, nonce, templateHash, restartGeneration, generation },
    ...{ unfit, wasReady, code, begunAfresh: app?.begunAfresh },
  };
}

function byTime(a: InstanceExit, b: InstanceExit): number {
  return a.at - b.at;
}
