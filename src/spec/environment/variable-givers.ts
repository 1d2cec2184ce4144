import { isBaseName } from './base-env-names.ts';
import { SERVE_VARIABLE } from '../serve/serve-variable.ts';
import { slotPorts } from '../ports/slot-ports.ts';
import type { AppSpec } from '../types.ts';

/**
 * Who gives a process a variable. `stateward`: it says which instance it is, or holds settings of ours; `port`: a declared
 * port is told by it; `increment`: `increment_var` counts up what is declared; `declared`: the file; `language`: what programs of
 * its language need, unless the file says otherwise; `base`: the daemon, to every app.
 */
export type VariableGiver = 'stateward' | 'port' | 'increment' | 'declared' | 'language' | 'base';

/** What every process of an app is told of itself, besides the variable that the app names. */
const OWN = ['STATEWARD_PROJECT', 'STATEWARD_APP', 'STATEWARD_SLOT', 'STATEWARD_INSTANCE', 'STATEWARD_MARK'];
/** Output of a Python app is not to stay in its buffer. */
const PYTHON = 'PYTHONUNBUFFERED';

/** Whether stateward alone says what it is. */
export function isOwnVariable(name: string, { instance_var }: Pick<AppSpec, 'instance_var'>): boolean {
  return OWN.includes(name) || instance_var === name || name === SERVE_VARIABLE;
}

/** Everybody who gives the variable, the one that counts first. */
export function giversOf(
  name: string,
  spec: AppSpec,
  { environment, base }: VariablesAround,
): readonly VariableGiver[] {
  const isDeclared = Object.hasOwn(spec.env, name) || Object.hasOwn(spec.env_from, name);
  const given = environment[name];
  const isPort = slotPorts(spec, 0).some(({ variables }) => variables.includes(name));
  const tells = isPort && (!isDeclared || given !== spec.env[name]);
  const isCounted = spec.increment_var === name && isDeclared;
  const all: readonly (readonly [VariableGiver, boolean])[] = [
    ['stateward', isOwnVariable(name, spec)],
    ['port', tells],
    ['increment', isCounted && !tells],
    ['declared', isDeclared],
    ['language', name === PYTHON && given !== undefined],
    ['base', isBaseName(name) && Object.hasOwn(base, name)],
  ];
  return all.flatMap(([giver, gives]) => (gives ? [giver] : []));
}

/** What a process gets, by name, and what it would get if nothing was declared. */
export interface VariablesAround {
  readonly environment: Readonly<Record<string, string>>;
  readonly base: Readonly<Record<string, string>>;
}
