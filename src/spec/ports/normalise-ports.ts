import type { App } from '../generated/ecosystem.ts';
import { commonPorts, isBeyond, portClaims, portName } from './port-claims.ts';
import {
  envPort,
  isShared,
  MAIN_PORT,
  MOST_PORT,
  portReference,
  portVariables,
  readPortText,
} from './slot-ports.ts';
import { networkProbe, NETWORK_FORMS, PROBE_KINDS } from '../probes/network-probe.ts';
import type { AppSpec, PortSpec } from '../types.ts';
import type { SpecNote } from '../normalise/normalise-context.ts';
import { readBoolean } from '../normalise/values.ts';

type Env = Readonly<Record<string, string>>;

/** The ports of an app, and its variables with those that tell the fixed ones. */
export interface PortsRun {
  readonly ports: readonly PortSpec[];
  readonly env: Env;
  readonly notes: readonly SpecNote[];
}

/**
 * `port` and `ports` of an app. What `env` says of the variable of a port wins, as ever: the port is then that number. Where
 * `env` itself says it, and no other environment, one of the two is a mistake.
 */
export function normalisePorts(app: App, env: Env): PortsRun {
  const declared = declaredPorts(app);
  const told = new Map(Object.entries(env));
  const notes: SpecNote[] = [];
  const ports = declared.map((port, index) => {
    const variables = portVariables(declared, index);
    const [set] = variables.filter((variable) => told.has(variable));
    const said = set === undefined ? null : readPortText(env[set]);
    const number = said ?? port.port;
    if (set !== undefined && env[set] !== String(port.port) && isOwn(app, set, env[set]))
      notes.push(overridden(pathOf(app, index), port.port, { variable: set, value: env[set] ?? '' }));
    if (number !== 'auto')
      for (const variable of variables) if (!told.has(variable)) told.set(variable, String(number));
    return { ...port, port: number };
  });
  return { ports, env: Object.fromEntries(told), notes };
}

function declaredPorts({ port, ports = [] }: Pick<App, 'port' | 'ports'>): readonly PortSpec[] {
  const plain = { host: null, env: null, shared: null };
  return [
    ...(port === undefined ? [] : [{ ...plain, name: MAIN_PORT, port: numberOf(port) }]),
    ...ports.map(({ name, port: number, host, env, shared, protocol }) => ({
      name,
      port: numberOf(number),
      host: host ?? null,
      env: env ?? null,
      shared: readBoolean(shared) ?? null,
      ...(protocol === 'udp' && { protocol }),
    })),
  ];
}

function numberOf(port: number | string): PortSpec['port'] {
  return port === 'auto' ? port : Number(port);
}

/** Where the file says it. */
function pathOf({ port }: App, index: number): readonly (string | number)[] {
  if (port === undefined) return ['ports', index, 'port'];
  return index === 0 ? ['port'] : ['ports', index - 1, 'port'];
}

/** Whether `env` of the app is what sets it: another environment is there to say something else. */
function isOwn({ env = {} }: App, variable: string, value: string | undefined): boolean {
  const own = Object.hasOwn(env, variable) ? env[variable] : undefined;
  return (typeof own === 'string' ? own : JSON.stringify(own)) === value;
}

function overridden(
  path: readonly (string | number)[],
  port: PortSpec['port'],
  { variable, value }: { readonly variable: string; readonly value: string },
): SpecNote {
  const message = `${port} has no effect: \`env\` sets ${variable} to ${JSON.stringify(value)}, and wins`;
  return { level: 'warning', code: 'CONFIG_NO_EFFECT', path, message, hint: 'leave one of the two out' };
}

/** What the schema cannot say of ports: names and variables that are there twice, numbers that meet, probes of none. */
export function portNotes(app: App, spec: AppSpec): readonly SpecNote[] {
  return [...doubles(app, spec), ...clashes(app, spec), ...surges(app, spec), ...probes(app, spec)];
}

function doubles(app: App, { ports }: AppSpec): readonly SpecNote[] {
  const names = new Set<string>();
  const variables = new Map<string, string>();
  return ports.flatMap(({ name }, index): readonly SpecNote[] => {
    const at = pathOf(app, index).slice(0, -1);
    if (names.has(name)) {
      const reserved = name === MAIN_PORT && app.port !== undefined ? ': it is the name of `port`' : '';
      return [bad([...at, 'name'], `another port of the app is called ${JSON.stringify(name)}${reserved}`)];
    }
    names.add(name);
    return portVariables(ports, index).flatMap((variable) => {
      const other = variables.get(variable);
      variables.set(variable, name);
      return other === undefined ? [] : [bad([...at, 'env'], `${variable} tells the port ${other} already`)];
    });
  });
}

/** Ports of one app that meet: slot 1 of one is slot 0 of the next. */
function clashes(app: App, spec: AppSpec): readonly SpecNote[] {
  const claims = portClaims(spec, spec.instances);
  return claims.flatMap((claim, place): readonly SpecNote[] => {
    const path = pathOf(app, claim.index);
    if (claim.first > MOST_PORT)
      return [bad(path, `${claim.first} is more than ${MOST_PORT}, the last port`)];
    if (isBeyond(claim)) {
      const message = `${spec.instances} instances in fork mode take the ports up to ${claim.last}, and the last one is ${MOST_PORT}`;
      return [bad(path, message, 'choose a lower port, or fewer instances')];
    }
    const other = claims.slice(0, place).find((earlier) => commonPorts(earlier, claim) !== null);
    if (other === undefined) return [];
    const { first = 0 } = commonPorts(other, claim) ?? {};
    const slots =
      other.first === other.last && claim.first === claim.last ? '' : ': each slot takes the next number';
    const message = `port ${portName(first, claim.protocol)} is that of ${other.name} as well${slots}`;
    const hint =
      slots === '' ? 'choose another port' : `leave room for ${spec.instances} instances between the two`;
    return [{ ...bad(path, message, hint), code: 'CONFIG_PORT_CONFLICT' }];
  });
}

/** In fork mode, a new process cannot have a port that the old one still listens on, of TCP or UDP. */
function surges(app: App, spec: AppSpec): readonly SpecNote[] {
  if (spec.exec_mode !== 'fork' || spec.rollout.max_surge === 0) return [];
  const index = spec.ports.findIndex((port) => port.port !== 'auto' && !isShared(spec, port));
  const port = spec.ports[index];
  if (port === undefined) return [];
  const message = `with max_surge: ${spec.rollout.max_surge} a new process starts while the old one still listens on port ${portName(Number(port.port), port.protocol)}, and cannot have it: no rollout can succeed`;
  const hint =
    'leave max_surge out (the old process stops first), use exec_mode: cluster for Node, port: auto, or shared: true in `ports` where the app sets SO_REUSEPORT';
  return [{ level: 'warning', code: 'CONFIG_ADVICE', path: pathOf(app, index), message, hint }];
}

/** The app with the names that probes give in place of a number where they belong. */
export function withPortNames(app: App): App {
  const named = PROBE_KINDS.flatMap((kind) => {
    const probe = app[kind];
    const form = NETWORK_FORMS.find((one) => probe?.[one] !== undefined);
    const target = form === undefined ? undefined : probe?.[form];
    if (form === undefined || typeof target?.port !== 'string' || /^\d+$/.test(target.port)) return [];
    const { port, ...rest } = target;
    return [[kind, { ...probe, [form]: { port_name: port, ...rest } }] as const];
  });
  return named.length === 0 ? app : { ...app, ...Object.fromEntries(named) };
}

/** The names of the ports that an app declares and a probe can take. */
export function portNames(app: Pick<App, 'port' | 'ports'>): readonly string[] {
  return declaredPorts(app).flatMap(({ name, protocol }) => (protocol === 'udp' ? [] : [name]));
}

/**
 * Why a probe finds no port. `missing`: it names none, and the app has none; `unknown`: the app has none of that name. null:
 * it finds one.
 */
export function probedPortProblem(
  reference: number | string | null,
  { names, env }: { readonly names: readonly string[]; readonly env: Env },
): 'missing' | 'unknown' | null {
  if (typeof reference === 'number') return null;
  if (reference !== null) return names.includes(reference) ? null : 'unknown';
  return names.length > 0 || envPort({ env }) !== null ? null : 'missing';
}

/** Probes that name a port which is not there, or leave it out where the app has none. */
function probes(app: App, spec: AppSpec): readonly SpecNote[] {
  return PROBE_KINDS.flatMap((kind) => {
    const network = networkProbe(spec[kind]);
    if (network === null) return [];
    const { form, target } = network;
    const reference = portReference(target);
    const names = spec.ports.flatMap(({ name, protocol }) => (protocol === 'udp' ? [] : [name]));
    const isDatagram = spec.ports.some(({ name, protocol }) => protocol === 'udp' && name === reference);
    // What PORT says where all that is declared is UDP is one of these.
    const env = names.length === 0 && spec.ports.length > 0 ? {} : spec.env;
    const problem = probedPortProblem(reference, { names, env });
    if (problem === null) return [];
    if (problem === 'missing') {
      const hint = `declare \`port\` for the app, or write ${form}: {port: 3000}`;
      const none = spec.ports.length > 0 ? 'declares only ports of UDP' : 'declares none';
      const note = bad([kind, form], `port is missing, and the app ${none}`, hint);
      return [{ ...note, code: 'CONFIG_MISSING_KEY' }];
    }
    const hint =
      names.length === 0 ? 'declare it in `ports`, or write its number' : `its ports are ${names.join(', ')}`;
    const written: string = app[kind]?.[form]?.port_name === undefined ? 'port' : 'port_name';
    if (isDatagram) {
      const message = `the port ${JSON.stringify(reference)} is one of UDP, to which nothing connects`;
      return [bad([kind, form, written], message, 'probe a TCP port, or write exec: {command: [...]}')];
    }
    return [bad([kind, form, written], `the app has no port called ${JSON.stringify(reference)}`, hint)];
  });
}

function bad(path: readonly (string | number)[], message: string, hint?: string): SpecNote {
  const note = { level: 'error', code: 'CONFIG_BAD_VALUE', path, message } as const;
  return hint === undefined ? note : { ...note, hint };
}
