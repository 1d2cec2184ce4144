import { completionsOf } from '../../spec/dependencies.ts';
import type { AppRecord, ProjectRecord } from '../model/types.ts';
import { nextRestart } from './restart-counters.ts';

/**
 * Jobs with `run: every_release`. A release of an app is its template and its code. When one of a job begins, or of an app
 * that waits for its completion, the job is to run once more: its restart counter grows, so that what ended before it does
 * not count any more, and the dependents wait.
 */
export function runReleaseJobs(
  before: ProjectRecord | undefined,
  next: ProjectRecord,
  at: number,
): ProjectRecord {
  const jobs = Object.entries(next.apps).filter(([, app]) => isReleaseJob(app));
  if (jobs.length === 0) return next;
  const changed = Object.entries(next.apps)
    .filter(([name, app]) => isNewRelease(before?.apps[name], app))
    .map(([name]) => name);
  const due = jobs.filter(
    ([job]) =>
      !changed.includes(job) &&
      changed.some((name) => waitsFor(next.apps[name], job)) &&
      before?.apps[job] !== undefined,
  );
  if (due.length === 0) return next;
  const bumped = due.map(([name, app]) => {
    const waiting = changed.filter((other) => waitsFor(next.apps[other], name));
    return [name, runAgain(app, waiting, at)] as const;
  });
  const apps = { ...next.apps, ...Object.fromEntries(bumped) };
  const generations = bumped.map(([, { generation }]) => generation);
  return { ...next, lastGeneration: Math.max(next.lastGeneration, ...generations), apps };
}

export function hasReleaseJobs({ apps }: ProjectRecord): boolean {
  return Object.values(apps).some(isReleaseJob);
}

function isReleaseJob({ spec }: AppRecord): boolean {
  return spec.run === 'every_release';
}

/** Templates and the counters of slots that newer code grows say which release an app is of. */
function isNewRelease(before: AppRecord | undefined, app: AppRecord): boolean {
  if (before === app) return false;
  if (before === undefined || before.templateHash !== app.templateHash) return true;
  const isOfCode = app.lastRestart !== before.lastRestart && app.lastRestart?.reason === 'CodeChanged';
  return isOfCode;
}

function waitsFor(app: AppRecord | undefined, job: string): boolean {
  return app !== undefined && completionsOf(app.spec).includes(job);
}

function runAgain(job: AppRecord, waiting: readonly string[], at: number): AppRecord {
  if (job.override?.run === 'stopped') return job;
  return {
    ...job,
    ...nextRestart(job, null),
    generation: job.generation + 1,
    lastRestart: { reason: 'ReleaseChanged', detail: `a new release of ${waiting.join(', ')}`, at },
  };
}
