import type { AppStatus } from '../../api/contract/wire/apps.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../../plan/model/observed.ts';
import { KEPT_RUNS } from '../../plan/slots/history.ts';
import { hasEnded } from '../../plan/slots/readiness.ts';
import { isScheduled, outcomeOf } from '../../plan/slots/schedule.ts';
import { toRfc3339 } from './wire-values.ts';

export interface ScheduledFacts {
  readonly app: DesiredApp;
  readonly instances: readonly ObservedInstance[];
  readonly history: readonly SlotHistory[];
  /** Epoch milliseconds; null: no schedule, or stopped. */
  readonly nextRun: number | null;
}

/** When an app that goes by a schedule runs next, and how its last runs have ended; nothing of other apps. */
export function viewSchedule({
  app,
  nextRun,
  instances,
  history,
}: ScheduledFacts): Pick<AppStatus, 'nextRun' | 'runs'> {
  const scheduled = isScheduled(app.spec);
  if (!scheduled && app.spec.cron_restart === null) return {};
  const next = { nextRun: nextRun === null ? null : toRfc3339(nextRun) };
  if (!scheduled) return next;
  const going = instances
    .filter((instance) => !hasEnded(instance))
    .map(({ slot, startedAt }) => ({
      ...{ slot, started: toRfc3339(startedAt), ended: null },
      outcome: 'running' as const,
    }));
  const ended = history.flatMap(({ slot, recentExits = [] }) =>
    recentExits.map((exit) => ({
      ...{ slot, started: toRfc3339(exit.at - exit.upMs), ended: toRfc3339(exit.at) },
      outcome: outcomeOf(exit, app.spec),
    })),
  );
  const newestFirst = ended.sort((a, b) => (a.ended < b.ended ? 1 : -1)).slice(0, KEPT_RUNS);
  return { ...next, runs: [...going, ...newestFirst] };
}
