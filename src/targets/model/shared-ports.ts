import { slotPorts } from '../../spec/ports/slot-ports.ts';
import type { AppSpec } from '../../spec/types.ts';

/** Whether several instances listen on one port of the host, which needs somebody who shares it out. */
export function portsAreShared(spec: AppSpec): boolean {
  if (spec.instances < 2) return false;
  const [first, second] = [slotPorts(spec, 0), slotPorts(spec, 1)];
  return first.some(({ port }, index) => port !== null && port === second[index]?.port);
}
