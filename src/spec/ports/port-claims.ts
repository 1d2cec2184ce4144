import type { AppSpec } from '../types.ts';
import { declaredPorts, isPerSlot, isShared, MOST_PORT, type Protocol } from './slot-ports.ts';

/** Numbers that an app takes on an address, for one of its ports: one for each slot, or one for all. */
export interface PortClaim {
  readonly name: string;
  /** Place in `ports` of the spec. */
  readonly index: number;
  readonly first: number;
  readonly last: number;
  /** null: every address. */
  readonly host: string | null;
  readonly protocol: Protocol;
  /** Others may listen there as well, because the file says so (SO_REUSEPORT). */
  readonly isShared: boolean;
}

/** The fixed ports that so many instances of an app take. */
export function portClaims(spec: AppSpec, instances: number): readonly PortClaim[] {
  return declaredPorts(spec).flatMap((port, index) => {
    if (port.port === 'auto') return [];
    const more = isPerSlot(spec, port, index) ? Math.max(0, instances - 1) : 0;
    return [
      {
        ...{ name: port.name, index, first: port.port, last: port.port + more, host: port.host },
        protocol: port.protocol ?? 'tcp',
        isShared: port.shared === true && isShared(spec, port),
      },
    ];
  });
}

/** The numbers that two claims have both; null: they go well together. */
export function commonPorts(
  one: PortClaim,
  other: PortClaim,
): { readonly first: number; readonly last: number } | null {
  if (one.protocol !== other.protocol || (one.isShared && other.isShared)) return null;
  if (!hostsMeet(one.host, other.host)) return null;
  const [first, last] = [Math.max(one.first, other.first), Math.min(one.last, other.last)];
  return first > last ? null : { first, last };
}

/** The fixed TCP port of an app that a socket would listen on as well; null: there is none. */
export function claimAt(
  spec: AppSpec,
  place: { readonly host: string | null; readonly port: number },
): PortClaim | null {
  const found = portClaims(spec, spec.instances).find(
    ({ protocol, first, last, host }) =>
      protocol === 'tcp' && first <= place.port && place.port <= last && hostsMeet(host, place.host),
  );
  return found ?? null;
}

/** How a port is written: `53/udp`, and a number alone for TCP. */
export function portName(port: number, protocol: Protocol | undefined): string {
  return protocol === 'udp' ? `${port}/udp` : String(port);
}

/** Whether what a claim takes goes beyond the last port that there is. */
export function isBeyond({ last }: PortClaim): boolean {
  return last > MOST_PORT;
}

/** Whether sockets on both addresses want the same packets. A name may be any address but is taken for one of its own. */
export function hostsMeet(one: string | null, other: string | null): boolean {
  const [a, b] = [familyOf(one), familyOf(other)];
  if (a.address === b.address) return true;
  // `::` takes IPv4 as well, as Node and most others have it.
  if (a.address === '*' || b.address === '*') return true;
  if (a.address === '0.0.0.0') return b.isV4;
  if (b.address === '0.0.0.0') return a.isV4;
  const names = [a.address, b.address];
  return names.includes('localhost') && (names.includes('127.0.0.1') || names.includes('::1'));
}

function familyOf(host: string | null): { readonly address: string; readonly isV4: boolean } {
  const address = (host ?? '*')
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/, '');
  if (address === '::' || address === '') return { address: '*', isV4: true };
  return { address, isV4: !address.includes(':') };
}
