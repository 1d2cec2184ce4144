import type { AppSpec } from '../../../spec/types.ts';
import { error, warning, type Finding } from '../../model/rendered.ts';

export interface ObjectPort {
  /** At most 15 characters, as IANA has names of services. */
  readonly name: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

/** Longest name of a port: RFC 6335. */
const NAME_LENGTH = 15;

/** Ports of a pod: each has an address of its own, so no slot is added. */
export function objectPorts({ ports }: AppSpec): readonly ObjectPort[] {
  return ports.flatMap(({ name, port, protocol }): readonly ObjectPort[] =>
    port === 'auto' ? [] : [{ name: portName(name), port, protocol: protocol === 'udp' ? 'UDP' : 'TCP' }],
  );
}

function portName(name: string): string {
  return name.slice(0, NAME_LENGTH).replace(/-+$/, '');
}

export function portFindings({ ports }: AppSpec): readonly Finding[] {
  const names = ports.map(({ name }) => portName(name));
  return ports.flatMap(({ name, port, host }, index): readonly Finding[] => [
    ...(port === 'auto'
      ? [error('ports', `${name} needs a number there`, 'each pod has an address of its own')]
      : []),
    ...(host !== null && ['127.0.0.1', '::1', 'localhost'].includes(host)
      ? [warning('ports', `${name} listens at ${host}: nobody outside of the pod reaches it`)]
      : []),
    ...(names.indexOf(portName(name)) === index
      ? []
      : [error('ports', `${name} and another one have the same first ${NAME_LENGTH} characters`)]),
  ]);
}
