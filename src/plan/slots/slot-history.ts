import type { AppSpec } from '../../spec/types.ts';
import { isOnRecord, recordExit } from './history.ts';
import { byNonce } from '../model/order.ts';
import type { InstanceExit, ObservedInstance, SlotHistory } from '../model/types.ts';

/**
 * An exit that is on the table and not on record yet counts all the same, or a crash would be followed by a start
 * without its back-off. The longest jitter stands in for the one that is drawn when the exit is recorded.
 */
export function withExits(
  recorded: SlotHistory | undefined,
  exited: readonly ObservedInstance[],
  spec: AppSpec,
): SlotHistory | undefined {
  const fresh = exited
    .flatMap((instance) => (instance.exit === null ? [] : [{ instance, exit: instance.exit }]))
    .filter(({ instance }) => !isOnRecord(recorded, instance.nonce))
    .sort((a, b) => byTime(a.exit, b.exit) || byNonce(a.instance, b.instance));
  return fresh.reduce<SlotHistory | undefined>(
    (history, { instance, exit }) =>
      recordExit(history, exit, { ...exitIdentity(instance), jitter: 1, spec }),
    recorded,
  );
}

function exitIdentity({ slot, nonce, templateHash, restartGeneration, generation }: ObservedInstance) {
  return { slot, nonce, templateHash, restartGeneration, generation };
}

function byTime(a: InstanceExit, b: InstanceExit): number {
  return a.at - b.at;
}
