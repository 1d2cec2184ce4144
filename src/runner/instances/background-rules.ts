import type { Instance } from './instance.ts';
import type { Survivors } from './survivors.ts';

/** How a process ended; nulls: nobody saw it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Whether the process that has ended may have left another one in the background that is the instance now. */
export function mayGoOn(instance: Instance, { code }: Ending): boolean {
  const { background, inBackground, phase } = instance;
  if (background === null || inBackground !== null || phase.state !== 'running' || code !== 0) return false;
  return background.expected || background.pidFile !== null;
}

/** Whether its pid file may yet name a process that nothing else shows to be its own. */
export function mayBeNamedLater({ background }: Instance): boolean {
  return background !== null && background.expected && background.pidFile !== null;
}

/** What to say of a process that should be in the background and is not, or that is and should not; null: nothing. */
export function backgroundNote(
  { background, inBackground }: Instance,
  { ending, found }: { readonly ending: Ending; readonly found: Survivors },
): string | null {
  if (ending.code !== 0 || inBackground !== null) return null;
  if (background?.expected === true) {
    return background.pidFile === null
      ? 'nothing of it was left in the background; leave `daemonize` out if it stays in the foreground'
      : `${background.pidFile} names no process of it; is that where it writes its pid?`;
  }
  const [left] = found.proven;
  if (left === undefined) return null;
  return `it has left process ${left.pid} in the background: \`daemonize: true\` follows it there, or have it stay in the foreground`;
}
