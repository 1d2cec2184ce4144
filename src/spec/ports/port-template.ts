import { sameValue } from '../../lib/values/same-value.ts';
import type { AppSpec, ChangeClass, PortSpec } from '../types.ts';
import { declaredPorts, MAIN_PORT, portVariables } from './slot-ports.ts';

/**
 * What of the ports a process has to be started anew for, beside its variables, in which every number is already: a number
 * in `port` restarts nothing that has it in PORT.
 */
export function portTemplate(spec: Partial<Pick<AppSpec, 'ports'>>): readonly unknown[] {
  const ports = declaredPorts(spec);
  return ports.flatMap(({ name, port, shared }, index) =>
    port === 'auto' || shared !== null
      ? [{ name, auto: port === 'auto', shared, variables: portVariables(ports, index) }]
      : [],
  );
}

/** The ports by the path that a change of one is shown at: `port`, `ports.admin`. */
export function portFields(spec: Pick<AppSpec, 'ports'>): ReadonlyMap<string, unknown> {
  return new Map(declaredPorts(spec).map((port, index) => [pathOf(port, index), shownPort(port)]));
}

/** Only what is declared beside the number; the number itself where that is all. */
function shownPort({ port, host, env, shared }: PortSpec): unknown {
  const more = Object.entries({ host, env, shared }).filter(([, value]) => value !== null);
  return more.length === 0 ? port : { port, ...Object.fromEntries(more) };
}

function pathOf(port: PortSpec, index: number): string {
  return isPlainMain(port, index) ? 'port' : `ports.${port.name}`;
}

/** Whether it is declared as `port`, without a list. */
export function isPlainMain({ name, host, env, shared }: PortSpec, index: number): boolean {
  return index === 0 && name === MAIN_PORT && host === null && env === null && shared === null;
}

/** What a change of the port at this path costs: nothing where processes are told the same. */
export function portChangeClass(before: AppSpec, after: AppSpec, path: string): ChangeClass {
  const told = [before, after]
    .map(declaredPorts)
    .flatMap((ports) =>
      ports.flatMap((port, index) => (pathOf(port, index) === path ? portVariables(ports, index) : [])),
    );
  const part = (spec: AppSpec): unknown => ({
    env: told.map((variable) => spec.env[variable] ?? null),
    template: portTemplate({
      ports: declaredPorts(spec).filter((port, index) => pathOf(port, index) === path),
    }),
  });
  return sameValue(part(before), part(after)) ? 'live' : 'template';
}
