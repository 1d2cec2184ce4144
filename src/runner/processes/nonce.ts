import type { NonceReading } from './processes.ts';

/** The variable that names the instance a process belongs to: the proof that it is ours. */
export const NONCE_VARIABLE = 'STATEWARD_INSTANCE';

/** The variable that says of which home the process is, and as what it was started (`marks/mark.ts`). */
export const MARK_VARIABLE = 'STATEWARD_MARK';

/** Finds the nonce in the text of an environment. */
export function nonceIn(environment: string, separator: string): NonceReading {
  const nonce = variableIn(environment, NONCE_VARIABLE, separator);
  return nonce === null ? { kind: 'none' } : { kind: 'nonce', nonce };
}

/** The value of a variable in the text of an environment; null: it has none. */
export function variableIn(environment: string, name: string, separator: string): string | null {
  const start = `${name}=`;
  const before = environment.indexOf(separator + start);
  if (before === -1 && !environment.startsWith(start)) return null;
  const from = start.length + (environment.startsWith(start) ? 0 : before + separator.length);
  const end = environment.indexOf(separator, from);
  return environment.slice(from, end === -1 ? undefined : end);
}

/**
 * The environment without what says that its owner belongs to an instance: a daemon that is started from inside an app
 * is not part of it, and must not end with it.
 */
export function outsideOfInstances(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { [NONCE_VARIABLE]: _nonce, [MARK_VARIABLE]: _mark, ...outside } = env;
  return outside;
}
