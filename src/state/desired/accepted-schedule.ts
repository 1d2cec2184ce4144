import type { AppSpec } from '../../spec/types.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppRecord } from '../model/types.ts';

/** A new schedule begins when it is declared; what becomes a job, or stops being one, has no run under way. */
export function acceptSchedule(
  { spec, runs }: AppRecord,
  next: AppSpec,
  at: number,
): Pick<AppRecord, 'settledTick' | 'runs'> {
  const timesOf = (it: AppSpec): unknown => [it.schedule ?? it.cron_restart, it.cron_timezone ?? null];
  const becomes =
    typeof spec.schedule !== typeof next.schedule || (spec.schedule === null) !== (next.schedule === null);
  return {
    ...(sameValue(timesOf(spec), timesOf(next)) ? {} : { settledTick: at }),
    ...(becomes && runs !== undefined ? { runs: {} } : {}),
  };
}
