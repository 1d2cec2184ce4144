import type { NonceReading } from './processes.ts';

/** The variable that names the instance a process belongs to: the proof that it is ours. */
export const NONCE_VARIABLE = 'STATEWARD_INSTANCE';

/** Finds the nonce in the text of an environment. */
export function nonceIn(environment: string, separator: string): NonceReading {
  const name = `${NONCE_VARIABLE}=`;
  const entry = environment.split(separator).find((text) => text.startsWith(name));
  return entry === undefined ? { kind: 'none' } : { kind: 'nonce', nonce: entry.slice(name.length) };
}
