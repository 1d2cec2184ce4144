import { whyBroken } from '../../api/contract/progress/broken.ts';
import type { App, AppList } from '../../api/contract/wire/apps.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import { exitCodeOf, hasEnded, isCompleted } from '../wait/ended.ts';

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

function endText(code: number): string {
  return code === 0 ? '' : `, exit code ${code}`;
}

function keyOf({ project, name }: App): AppKey {
  return appKey(project, name);
}
