import type { InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { DesiredApp } from '../../../plan/model/desired.ts';
import type { ObservedInstance } from '../../../plan/model/observed.ts';
import { specFor } from '../../../plan/slots/effective.ts';
import { portsAtHand } from '../../../spec/ports/chosen-ports.ts';
import { slotPorts } from '../../../spec/ports/slot-ports.ts';

const NONE: ReadonlySet<number> = new Set();

/** The ports that a process was told, or that one in this slot would be. */
export function viewPorts(
  app: DesiredApp,
  slot: number,
  instance: ObservedInstance | undefined,
): Pick<InstanceStatus, 'declaredPorts'> {
  const spec = instance === undefined ? app.spec : specFor(instance, app);
  const given = instance?.ports ?? portsAtHand(spec, slot, { chosen: app.ports ?? {}, taken: NONE }).given;
  const ports = slotPorts(spec, slot, given);
  return ports.length === 0 ? {} : { declaredPorts: ports };
}
