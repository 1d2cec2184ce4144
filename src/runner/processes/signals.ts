import { signalNumber, type Signal } from './host-signals.ts';
import { isAlive, type ProcessEntry, type ProcessIdentity, type Processes } from './processes.ts';
import { errorCode } from '../../lib/system-error.ts';

/**
 * Sends a signal to the process, or to its group, if it is still the one that was recorded: looked at and signalled in
 * one tick. False when it is not there any more, or not ours to signal.
 */
export function sendSignal(
  processes: Processes,
  identity: ProcessIdentity,
  { signal, tree }: { readonly signal: Signal; readonly tree: boolean },
): boolean {
  if (!isAlive(processes, identity)) return false;
  // One that has put itself into the background need not lead its group: the group is then not its own alone.
  const leads = tree && processes.stat(identity.pid)?.group === identity.pid;
  return kill(leads ? -identity.pid : identity.pid, signal);
}

/**
 * Sends a signal to a process that an instance has left behind, if it is still the one that was found: it carries the
 * nonce, or is a member of the group whose leader was the main process.
 */
export function signalLeftover(processes: Processes, entry: ProcessEntry, signal: Signal): boolean {
  const reading = processes.nonce(entry.pid);
  if ((reading.kind === 'nonce' ? reading.nonce : null) !== entry.nonce) return false;
  const stat = processes.stat(entry.pid);
  if (stat?.startTime !== entry.startTime) return false;
  if (entry.nonce === null && stat.group !== entry.group) return false;
  return kill(entry.pid, signal);
}

/**
 * Asks what an instance has left behind to end, with `signal` if it has a handler for it, else with SIGTERM: what a shell
 * starts in the background ignores SIGINT. `askedGroup`: the group that has had the signal already.
 */
export function askLeftover(
  processes: Processes,
  entry: ProcessEntry,
  { signal, askedGroup }: { readonly signal: Signal; readonly askedGroup: number | null },
): void {
  const catches = processes.catches(entry.pid, signal);
  // It is at it: asked twice, many programs give up what they would have finished.
  if (catches && entry.group === askedGroup) return;
  for (const one of [catches ? signal : 'SIGTERM', 'SIGCONT'] as const) signalLeftover(processes, entry, one);
}

/** Whether the process is there, and somebody's whom we may not signal. */
export function isForeign(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Whether a process group has members, zombies included. */
export function groupExists(group: number): boolean {
  return kill(-group, 0);
}

function kill(target: number, signal: Signal | 0): boolean {
  try {
    process.kill(target, signal === 0 ? 0 : signalNumber(signal));
    return true;
  } catch (error) {
    // EPERM: there, but run by someone whom we may not signal.
    return signal === 0 && errorCode(error) === 'EPERM';
  }
}
