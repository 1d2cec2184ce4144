import type { AppSpec } from '../../spec/types.ts';
import type { InstanceExit } from '../model/observed.ts';
import type { Reason } from '../model/reasons.ts';

/** An end that a person, a file or a schedule asked for. */
export function wasAskedFor({ requested, unfit }: InstanceExit): boolean {
  return requested && unfit === undefined;
}

/** An end that says nothing of how well the process did: it was asked for, or came with the end of the host. */
export function isFromOutside(exit: InstanceExit): boolean {
  return exit.hostRestarted === true || wasAskedFor(exit);
}

/** Whether a process that ended has done what it was to do. */
export function isSuccess(
  { error, code, unfit }: InstanceExit,
  { success_exit_codes: codes }: Pick<AppSpec, 'success_exit_codes'>,
): boolean {
  return error === null && unfit === undefined && code !== null && codes.includes(code);
}

/** Why a process ended, if nobody asked for it. */
export function exitReason(exit: InstanceExit): Reason {
  if (exit.error !== null) return 'StartFailed';
  if (exit.hostRestarted === true) return 'HostRestarted';
  if (exit.unfit !== undefined) return exit.unfit;
  return exit.signal === null ? 'Exited' : 'Killed';
}

/** Signals that a process gets for what it has done itself. */
const OWN_DOING = new Set([
  ...[
    'SIGSEGV',
    'SIGABRT',
    'SIGBUS',
    'SIGFPE',
    'SIGILL',
    'SIGSYS',
    'SIGTRAP',
    'SIGPIPE',
    'SIGXCPU',
    'SIGXFSZ',
  ],
  ...['SIGIOT', 'SIGALRM', 'SIGVTALRM', 'SIGPROF'],
]);

/** Whether a signal from outside ended it that stateward has not sent by itself; by whom, for people. Null: none has. */
export function howItWasKilled({
  requested,
  signal,
  sent,
}: Pick<InstanceExit, 'requested' | 'signal' | 'sent'>): string | null {
  if (requested || signal === null) return null;
  if (sent === true) return `killed by ${signal}, which stateward sent because somebody asked it to`;
  return OWN_DOING.has(signal) ? null : `killed by ${signal}, not by stateward`;
}
