import { meantPort, portReference, slotPorts, type GivenPorts } from '../../spec/ports/slot-ports.ts';
import type { NetworkTarget } from '../../spec/probes/network-probe.ts';
import type { AppSpec } from '../../spec/types.ts';

/** Where a probe of one process looks. */
export interface ProbedPlace {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';
const EVERYWHERE: readonly (string | null)[] = [null, '0.0.0.0', '::', '*'];

/**
 * The address that a probe of a slot means; null: it has no such port. A port of the app that listens on one address alone
 * is probed there, unless the probe names another.
 */
export function probedPlace(
  target: Pick<NetworkTarget, 'host' | 'port' | 'port_name'>,
  spec: AppSpec,
  { slot, given }: { readonly slot: number; readonly given: GivenPorts | undefined },
): ProbedPlace | null {
  const { host } = target;
  const port = meantPort(portReference(target), spec, slot, given);
  if (port === null) return null;
  const declared =
    slotPorts(spec, slot, given).find((one) => one.port === port && one.protocol === undefined)?.host ?? null;
  return { host: host === LOOPBACK && !EVERYWHERE.includes(declared) ? (declared ?? host) : host, port };
}
