import { isUpToDate } from './effective.ts';
import { hasOutdated, type Slot } from './slot.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';

/**
 * Whether, while this process lives, what is declared cannot listen on the same address: the process has sockets of an
 * earlier runner, or it is outdated and one of the two shares its sockets while the other binds its own.
 */
export function keepsAddresses(instance: ObservedInstance, app: DesiredApp): boolean {
  const { listening, socketsLost } = instance;
  if (socketsLost === true) return true;
  const differs = app.spec.exec_mode === 'cluster' ? listening === undefined : (listening?.length ?? 0) > 0;
  return differs && !isUpToDate(instance, app);
}

/** Whether a process that will stop, or is stopping, keeps the address that new processes need. */
export function isAddressTaken(slot: Slot, app: DesiredApp): boolean {
  const outdated = hasOutdated(slot) ? [slot.outdated.instance] : [];
  return [...outdated, ...slot.surplus, ...slot.stopping].some((instance) => keepsAddresses(instance, app));
}
