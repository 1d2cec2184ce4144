import { parseListen, takesPlaceOf } from '../../spec/sockets/listen-text.ts';
import type { AppSpec } from '../../spec/types.ts';
import { isUpToDate } from './effective.ts';
import { hasOutdated, type Slot } from './slot.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';

/**
 * Whether, while this process lives, what is declared cannot listen on the same address: the process has sockets of an
 * earlier runner, or it is outdated and one of the two shares its sockets, or is given them, while the other binds its own.
 */
export function keepsAddresses(instance: ObservedInstance, app: DesiredApp): boolean {
  const { listening, socketsLost } = instance;
  if (socketsLost === true) return true;
  if (!isUpToDate(instance, app) && keepsSockets(instance.sockets, app.spec)) return true;
  const differs = app.spec.exec_mode === 'cluster' ? listening === undefined : (listening?.length ?? 0) > 0;
  return differs && !isUpToDate(instance, app);
}

/** Whether what an outdated process was started with keeps what is declared from being bound, or the other way round. */
function keepsSockets(held: readonly string[] = [], { sockets }: Pick<AppSpec, 'sockets'>): boolean {
  if ((held.length === 0) !== (sockets.length === 0)) return true;
  const wanted = sockets.flatMap(({ listen }) => parseListen(listen) ?? []);
  return held.some((address) => wanted.some((listen) => takesPlaceOf(address, listen)));
}

/** Whether a process that will stop, or is stopping, keeps the address that new processes need. */
export function isAddressTaken(slot: Slot, app: DesiredApp): boolean {
  const outdated = hasOutdated(slot) ? [slot.outdated.instance] : [];
  return [...outdated, ...slot.surplus, ...slot.stopping].some((instance) => keepsAddresses(instance, app));
}
