import { constants } from 'node:os';
import { whyBroken } from '../../api/contract/progress/broken.ts';
import type { App, AppList, InstanceStatus } from '../../api/contract/wire/apps.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';

/** Why a foreground run is over, and with which exit code. */
export interface Verdict {
  readonly code: number;
  /** One line for people. */
  readonly reason: string;
}

export interface Watched {
  /** The apps that the run is about. */
  readonly apps: ReadonlySet<AppKey>;
  /** The one whose end ends the run, with its exit code; null: none. */
  readonly exitWith: AppKey | null;
}

const SIGNAL_BASE = 128;

/**
 * Whether the apps of a run have come to an end that nothing follows. null: they go on.
 *
 * - `exitWith` has ended for good: its exit code, whatever the others do.
 * - An app was given up: 1.
 * - All have completed: 0.
 */
export function verdictOf({ items }: AppList, { apps, exitWith }: Watched): Verdict | null {
  const ours = items.filter((app) => apps.has(keyOf(app)) && isAssessed(app));
  const named = ours.find((app) => keyOf(app) === exitWith);
  if (named !== undefined && hasEnded(named)) {
    const code = exitCodeOf(named);
    return { code, reason: `${keyOf(named)} has ended${endText(code)}` };
  }
  const givenUp = ours.find((app) => app.status.health === 'Failed' && hasEnded(app));
  if (givenUp !== undefined && exitWith === null) {
    return { code: 1, reason: `${keyOf(givenUp)} is given up: ${whyBroken(givenUp) ?? 'it has failed'}` };
  }
  const isOver = ours.length === apps.size && ours.every(isCompleted);
  return isOver && apps.size > 0 ? { code: 0, reason: 'every app has completed' } : null;
}

/** What is published is about what is declared now. What has failed has not converged to it, and never will. */
function isAssessed({ status }: App): boolean {
  return status.assessedGeneration >= status.generation;
}

/** One on a schedule is only between two runs. */
function isCompleted({ status }: App): boolean {
  return status.health === 'Completed' && status.runs === undefined;
}

/** It is down, and nothing starts it again. */
function hasEnded(app: App): boolean {
  const { health, instances, holds } = app.status;
  const isDown = instances.every(({ pid }) => pid === null);
  if (!isDown || holds.some(({ until }) => until !== null)) return false;
  return isCompleted(app) || health === 'Failed' || health === 'Stopped';
}

/** Of several instances that of the first, in the order of their slots, that has not ended with 0. */
function exitCodeOf({ status: { health, instances } }: App): number {
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

function endText(code: number): string {
  return code === 0 ? '' : `, exit code ${code}`;
}

function keyOf({ project, name }: App): AppKey {
  return appKey(project, name);
}
