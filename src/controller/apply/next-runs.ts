import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { AppSpec } from '../../spec/types.ts';
import { expressionOf } from '../../triggers/schedule/cron.ts';
import { loadTimetables } from '../../triggers/schedule/timetable.ts';
import { toRfc3339 } from '../views/wire-values.ts';

const FIELDS = new Set(['cron_restart', 'cron_timezone', 'schedule']);

/**
 * Adds the first time of each schedule that a plan creates or changes, so that a mistake shows before it acts.
 */
export async function withNextRuns(
  document: PlanDocument,
  { projects }: Pick<ApplyRequest, 'projects'>,
  now: number,
): Promise<PlanDocument> {
  const concerned = new Map(
    document.changes
      .filter(({ kind, fields }) => kind === 'create' || fields.some(({ path }) => FIELDS.has(path)))
      .map(({ app, kind }) => [app, kind]),
  );
  // A new app without autostart has no next time before somebody starts it.
  const isConcerned = (key: AppKey, { autostart }: AppSpec): boolean =>
    concerned.has(key) && (autostart || concerned.get(key) !== 'create');
  const specs = projects.flatMap(({ project, apps }) =>
    apps.flatMap((spec) => {
      const key = appKey(project, spec.name);
      const expression = isConcerned(key, spec) ? expressionOf({ spec }) : null;
      return expression === null ? [] : [{ key, expression, timezone: spec.cron_timezone ?? null }];
    }),
  );
  if (specs.length === 0) return document;
  const read = await loadTimetables();
  const nextRuns: Record<AppKey, string> = {};
  for (const { key, expression, timezone } of specs) {
    // One that is kept from earlier may be of another's making; what it says of itself is a condition.
    const next = nextOf(() => read({ expression, timezone, seed: key }).next(now));
    if (next !== null) nextRuns[key] = toRfc3339(next);
  }
  return { ...document, nextRuns };
}

function nextOf(next: () => number | null): number | null {
  try {
    return next();
  } catch {
    return null;
  }
}
