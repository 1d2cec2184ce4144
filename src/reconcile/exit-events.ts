import { formatSpan } from '../lib/units.ts';
import type { InstanceExit, ObservedInstance } from '../plan/model/observed.ts';
import { howItWasKilled } from '../plan/slots/exits.ts';
import type { Reason } from '../plan/model/reasons.ts';
import type { LoopEvent } from './events.ts';

/** The end of a process, asked for or not; `stopMs`: how long after it was asked to, where that is known. */
export function exitEvent(instance: ObservedInstance, stopMs: number | null = null): LoopEvent {
  const { key, slot, pid, generation, exit } = instance;
  const base = { key, slot, pid, generation };
  if (exit === null) throw new Error('internal error: an exited instance without its exit');
  if (exit.error !== null) {
    return {
      ...base,
      level: 'error',
      reason: 'StartFailed',
      message: `cannot start slot ${slot}: ${exit.error}`,
    };
  }
  const how = describeExit(exit);
  if (exit.killed === true) {
    const after = stopMs === null ? '' : ` ${formatSpan(stopMs)} after it was asked to stop`;
    const message = `slot ${slot} did not end within its kill_timeout and was killed${after}`;
    return { ...base, level: 'warning', reason: 'KillTimeout', message };
  }
  if (exit.requested) {
    return {
      ...base,
      level: 'info',
      reason: 'StopCompleted',
      message: `slot ${slot} ended (${how}) as asked${exit.note === undefined ? '' : `: ${exit.note}`}`,
    };
  }
  if (exit.hostRestarted === true) {
    const message = `slot ${slot} ended when the host was started again`;
    return { ...base, level: 'info', reason: 'HostRestarted', message };
  }
  const level = exit.code === 0 ? 'info' : 'warning';
  const reason: Reason = exit.signal === null ? 'Exited' : 'Killed';
  const note = exit.note === undefined ? '' : `: ${exit.note}`;
  const after = `after ${formatSpan(exit.upMs)}${reloadText(exit)}`;
  const killed = howItWasKilled(exit);
  const what = killed === null ? `ended by itself (${how})` : `was ${killed},`;
  const message = `slot ${slot} ${what} ${after}${note}`;
  return { ...base, level: exit.note === undefined ? level : 'warning', reason, message };
}

/** An end that came so soon after a reload may well come from it. */
const SOON_MS = 10_000;

function reloadText({ reload }: InstanceExit): string {
  if (reload === undefined || reload.forMs >= SOON_MS) return '';
  return `, ${formatSpan(reload.forMs)} after it was reloaded`;
}

/** `exit code 1`, `signal SIGKILL`, or that nobody saw how. */
export function describeExit(exit: { readonly code: number | null; readonly signal: string | null }): string {
  if (exit.signal !== null) return `signal ${exit.signal}`;
  return exit.code === null ? 'exit code unknown' : `exit code ${exit.code}`;
}
