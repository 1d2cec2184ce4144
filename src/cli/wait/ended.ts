import { constants } from 'node:os';
import type { App, InstanceStatus } from '../../api/contract/wire/apps.ts';

const SIGNAL_BASE = 128;

/** It has ended well, and nothing starts it again; one on a schedule is only between two runs. */
export function isCompleted({ status }: App): boolean {
  return status.health === 'Completed' && status.runs === undefined;
}

/** It is down, and nothing starts it again. */
export function hasEnded(app: App): boolean {
  const { health, instances, holds } = app.status;
  const isDown = instances.every(({ pid }) => pid === null);
  if (!isDown || holds.some(({ until }) => until !== null)) return false;
  return isCompleted(app) || health === 'Failed' || health === 'Stopped';
}

/**
 * The exit code of an app that has ended, as a shell has it (128 + the number of a signal). Of several instances that of
 * the first, in the order of their slots, that has not ended with 0.
 */
export function exitCodeOf({ status: { health, instances } }: App): number {
  if (health === 'Stopped') return 0;
  const codes = instances.map(({ lastExit }) => (lastExit === null ? 0 : codeOf(lastExit)));
  // One that was never started has no code: what it depends on has failed.
  return codes.find((code) => code !== 0) ?? (health === 'Failed' ? 1 : 0);
}

function codeOf({ code, signal }: NonNullable<InstanceStatus['lastExit']>): number {
  if (signal === null) return code ?? 1;
  const signals: Readonly<Partial<Record<string, number>>> = constants.signals;
  return SIGNAL_BASE + (signals[signal] ?? 0);
}
