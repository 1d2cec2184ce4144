import { isBaseName } from '../spec/environment/base-env-names.ts';

/** The base of the environment of every app: what a program needs to run at all, and no secrets. */
export function baseEnv(environment: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const base: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && isBaseName(name)) base[name] = value;
  }
  return base;
}
