import type { ProcessEntry, Processes } from '../processes/processes.ts';
import { findBackground, findNamed, type BackgroundProcess } from './background.ts';
import type { Instance, LiveProcess } from './instance.ts';
import type { Survivors } from './survivors.ts';

/** How a process ended; nulls: nobody saw it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Whether the process that has ended may have left another one in the background that is the instance now. */
export function mayGoOn(instance: Instance, { code }: Ending): boolean {
  const { background, inBackground, phase, notify } = instance;
  if (phase.state !== 'running') return false;
  if (notify?.said.mainPid !== undefined || (notify !== null && code === 0)) return true;
  if (background === null || inBackground !== null || code !== 0) return false;
  return background.expected || background.pidFile !== null;
}

/** Whether it is yet to go into the background. Of one that was taken over, or that says itself when it is up, nobody asks. */
export function isLaunching({ background, inBackground, phase, notify, adopted }: Instance): boolean {
  const isExpected = background?.expected === true && notify === null && !adopted;
  return isExpected && inBackground === null && phase.state === 'running';
}

/** Whether only what it says itself (MAINPID=) can name another process. */
export function isByWord({ notify, background }: Instance): boolean {
  return notify !== null && (background === null || background.pidFile === null);
}

/** The process that the instance is when its main one has ended; null: there is none, or not yet. */
export function goesOnAs(
  { background, startedAt, notify }: Instance,
  { identity }: LiveProcess,
  proven: readonly ProcessEntry[],
  processes: Processes,
): BackgroundProcess | null {
  const named = notify?.said.mainPid;
  if (named !== undefined) return findNamed(named, { proven }, processes);
  if (background === null || (notify !== null && background.pidFile === null)) return null;
  return findBackground({ settings: background, proven, main: identity, startedAt }, processes);
}

/** Another process is the instance from now on. */
export function becomes(instance: Instance, found: BackgroundProcess): void {
  instance.inBackground = found;
  if (instance.notify === null) return;
  const { mainPid: _it, ...said } = instance.notify.said;
  instance.notify = { ...instance.notify, said };
}

/** Whether its pid file may yet name a process that nothing else shows to be its own. */
export function mayBeNamedLater({ background }: Instance): boolean {
  return background !== null && background.expected && background.pidFile !== null;
}

/** What to say of a process that should be in the background and is not, or that is and should not; null: nothing. */
export function backgroundNote(
  { background, inBackground, notify }: Instance,
  { ending, found }: { readonly ending: Ending; readonly found: Survivors },
): string | null {
  const named = notify?.said.mainPid;
  if (named !== undefined) return `it said MAINPID=${named}, which is no process of its own, or has ended`;
  if (ending.code !== 0 || inBackground !== null) return null;
  if (background?.expected === true) {
    if (notify !== null && background.pidFile === null && found.proven.length > 0) {
      return 'with `notify`, what goes on in the background says MAINPID= itself, or `pid_file` names it';
    }
    return background.pidFile === null
      ? 'nothing of it was left in the background; leave `daemonize` out if it stays in the foreground'
      : `${background.pidFile} names no process of it; is that where it writes its pid?`;
  }
  const [left] = found.proven;
  if (left === undefined) return null;
  return `it has left process ${left.pid} in the background: \`daemonize: true\` follows it there, or have it stay in the foreground`;
}
