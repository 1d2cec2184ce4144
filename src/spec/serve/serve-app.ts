import { hasAgent } from '../node-app.ts';
import type { AppSpec } from '../types.ts';

/** Stands for the file server that is built in, wherever that lies: another version of stateward changes no app. */
export const SERVE_SCRIPT = 'serve';

/** Whether the server says itself when it is ready, where the file does not say what readiness is. */
export function isServeReadyBySaying(
  spec: Pick<AppSpec, 'serve' | 'agent' | 'interpreter' | 'shell' | 'readiness'>,
): boolean {
  return isServeApp(spec) && hasAgent(spec) && spec.readiness === null;
}

/** Whether the app runs the file server. */
export function isServeApp(spec: Pick<AppSpec, 'serve'>): boolean {
  // A spec that an older version has stored has no such field.
  return (spec.serve ?? null) !== null;
}
