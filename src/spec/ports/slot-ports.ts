import type { AppSpec, PortSpec } from '../types.ts';

/** Ports that were chosen for `port: auto`, by name. */
export type GivenPorts = Readonly<Record<string, number>>;

/** A port of one process. */
export interface SlotPort {
  readonly name: string;
  /** null: it is `auto`, and none has been chosen yet. */
  readonly port: number | null;
  /** null: every address of the host. */
  readonly host: string | null;
  /** Variables that tell it to the process. */
  readonly variables: readonly string[];
  /** Absent: TCP. */
  readonly protocol?: 'udp';
}

/** What is spoken on a port; a number is another port in each. */
export type Protocol = 'tcp' | 'udp';

/** What the port of `port: 3000` is called. */
export const MAIN_PORT = 'main';

const NONE: GivenPorts = {};

/** What is declared; a spec of an older version has no such field. */
export function declaredPorts(spec: Partial<Pick<AppSpec, 'ports'>>): readonly PortSpec[] {
  return spec.ports ?? [];
}

/** The ports that a process in this slot is to listen on, in the order of the file. */
export function slotPorts(spec: AppSpec, slot: number, given: GivenPorts = NONE): readonly SlotPort[] {
  return declaredPorts(spec).map((port, index) => ({
    name: port.name,
    port: numberOf(port, index, { spec, slot, given }),
    host: port.host,
    variables: portVariables(declaredPorts(spec), index),
    ...(port.protocol !== undefined && { protocol: port.protocol }),
  }));
}

function numberOf(
  port: PortSpec,
  index: number,
  { spec, slot, given }: { readonly spec: AppSpec; readonly slot: number; readonly given: GivenPorts },
): number | null {
  if (port.port === 'auto') return given[port.name] ?? null;
  return port.port + (isPerSlot(spec, port, index) ? slot : 0);
}

/** Whether each slot has a port of its own; else all instances listen on one. */
export function isPerSlot(spec: AppSpec, port: PortSpec, index = declaredPorts(spec).indexOf(port)): boolean {
  if (!isShared(spec, port)) return true;
  return (
    spec.increment_var !== null && portVariables(declaredPorts(spec), index).includes(spec.increment_var)
  );
}

/** Instances of cluster mode share what they listen on; others where the file says so. */
export function isShared({ exec_mode }: Pick<AppSpec, 'exec_mode'>, { shared }: PortSpec): boolean {
  return shared ?? exec_mode === 'cluster';
}

/** The variables that tell a port to the process: PORT for the first one, PORT_<NAME> for one with a name of its own. */
export function portVariables(
  ports: readonly Pick<PortSpec, 'name' | 'env'>[],
  index: number,
): readonly string[] {
  const port = ports[index];
  if (port === undefined) return [];
  if (port.env !== null) return [port.env];
  const own = `PORT_${port.name.toUpperCase().replaceAll('-', '_')}`;
  if (index > 0) return [own];
  return port.name === MAIN_PORT ? ['PORT'] : ['PORT', own];
}

/** The names of the ports that are to be chosen. */
export function autoPorts(spec: Pick<AppSpec, 'ports'>): readonly PortSpec[] {
  return declaredPorts(spec).filter(({ port }) => port === 'auto');
}

/** What a process in this slot finds in its environment about its ports; a variable that `env` sets otherwise is not among it. */
export function portEnv(
  spec: AppSpec,
  slot: number,
  given: GivenPorts = NONE,
): Readonly<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const [index, { port: number, variables }] of slotPorts(spec, slot, given).entries()) {
    if (number === null) continue;
    for (const variable of variables) {
      const inFile = spec.env[variable];
      if (inFile === undefined || inFile === String(declaredPorts(spec)[index]?.port))
        told[variable] = String(number);
    }
  }
  return told;
}

/** Whether a variable is there because a port is declared: all variables of the port say the same. */
export function isToldByPort(spec: Pick<AppSpec, 'ports' | 'env'>, variable: string): boolean {
  const ports = declaredPorts(spec);
  return ports.some(({ port }, index) => {
    const variables = portVariables(ports, index);
    return variables.includes(variable) && variables.every((name) => spec.env[name] === String(port));
  });
}

/**
 * The port that a probe of this slot means. A number that is declared or that `increment_var` counts up from is that of
 * slot 0. Without one it is the first port, else what `env` says of PORT. null: there is none, or it is `auto` and none
 * has been chosen yet. A probe connects, so that ports of UDP are none for it.
 */
export function meantPort(
  reference: number | string | null,
  spec: AppSpec,
  slot: number,
  given: GivenPorts = NONE,
): number | null {
  const declared = slotPorts(spec, slot, given);
  const isConnected = ({ protocol }: { readonly protocol?: 'udp' }): boolean => protocol !== 'udp';
  const probed = declared.filter(isConnected);
  if (typeof reference === 'string') return probed.find(({ name }) => name === reference)?.port ?? null;
  if (reference === null && declared.length > 0) return probed[0]?.port ?? null;
  const number = reference ?? envPort(spec);
  if (number === null) return null;
  const index = declaredPorts(spec).findIndex((one) => one.port === number && isConnected(one));
  if (index !== -1) return declared[index]?.port ?? null;
  const counted = spec.increment_var === null ? undefined : spec.env[spec.increment_var];
  return counted === String(number) ? number + slot : number;
}

/** What a probe says of its port: a number, the name of one of the app's, or null for the first. */
export function portReference(target: {
  readonly port: number;
  readonly port_name?: string;
}): number | string | null {
  return target.port_name ?? (target.port === 0 ? null : target.port);
}

/** PORT as `env` has it; null: there is none, or it is no port. */
export function envPort({ env }: Pick<AppSpec, 'env'>): number | null {
  return readPortText(env['PORT']);
}

/** A text as a port; null: it is none. */
export function readPortText(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) && Number(text) <= MOST_PORT ? Number(text) : null;
}

export const MOST_PORT = 65_535;
