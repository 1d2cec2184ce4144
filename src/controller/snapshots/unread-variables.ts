import { ownValue } from '../../lib/collections.ts';
import { declaredPorts, portVariables } from '../../spec/ports/slot-ports.ts';
import type { AppSpec, UnreadVariables } from '../../spec/types.ts';

/** An app with variables of files that are not here as they are on the host. */
export interface Filled {
  readonly spec: AppSpec;
  /** Variables that were not compared. */
  readonly variables: readonly string[];
}

/**
 * A variable that the host has and the app does not say itself may come from the file, as may another value of one that stands
 * below it (`inherit_env`, `env` of the project). Such a variable, and a port that it tells, counts as it is on the host.
 */
export function fillUnread(spec: AppSpec, before: AppSpec | undefined, { known }: UnreadVariables): Filled {
  if (before === undefined) return { spec, variables: [] };
  const isOpen = (name: string): boolean => !known.includes(name) && !Object.hasOwn(spec.env_from, name);
  const there = Object.entries(before.env).filter(([name]) => isOpen(name));
  const ports = declaredPorts(spec).map((port, index) => {
    const told = portVariables(declaredPorts(spec), index).some(isOpen);
    const other = declaredPorts(before).find(({ name }) => name === port.name);
    return told && other !== undefined ? { ...port, port: other.port } : port;
  });
  const variables = there.flatMap(([name, value]) => (ownValue(spec.env, name) === value ? [] : [name]));
  const env = { ...spec.env, ...Object.fromEntries(there) };
  return { spec: { ...spec, env, ...(ports.length > 0 && { ports }) }, variables: variables.toSorted() };
}
