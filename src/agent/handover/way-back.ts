import { AGENTS_VARIABLE } from '../protocol.ts';

const NONCE_VARIABLE = 'STATEWARD_INSTANCE';

export interface WayBack {
  readonly path: string;
  readonly nonce: string;
}

/** How to reach the next runner, hidden from the app from now on; null: this process was not told. */
export function wayBack({ env }: NodeJS.Process): WayBack | null {
  const path = env[AGENTS_VARIABLE];
  const nonce = env[NONCE_VARIABLE];
  Reflect.deleteProperty(env, AGENTS_VARIABLE);
  return path === undefined || nonce === undefined ? null : { path, nonce };
}
