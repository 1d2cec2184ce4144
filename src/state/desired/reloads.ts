import type { ReloadOutcome, ReloadState } from '../../plan/model/reload.ts';
import type { AppRecord, Fact } from '../model/types.ts';

type Asked = Pick<Extract<Fact, { kind: 'reload-requested' }>, 'slots' | 'reason' | 'detail' | 'at'>;

/**
 * The reload of an app in its record.
 *
 *   none ──asked──▶ under way ──ended, well or not──▶ none, and `lastReload` says how
 *                     └── asked again: the newest counts, for the slots of both
 */
export function requestReload(app: AppRecord, { slots, reason, detail, at }: Asked): AppRecord {
  const count = (app.reloads ?? 0) + 1;
  const before = app.reload;
  const reload: ReloadState = { count, slots: bothOf(before, slots), reason, detail, at };
  return { ...app, generation: app.generation + 1, reloads: count, reload };
}

function bothOf(before: ReloadState | undefined, slots: ReloadState['slots']): ReloadState['slots'] {
  if (before === undefined || slots === null) return slots;
  return before.slots === null ? null : [...new Set([...before.slots, ...slots])].sort((a, b) => a - b);
}

/** One that is not the newest says nothing of what is under way. */
export function endReload(
  app: AppRecord,
  { count, failure, at }: Extract<Fact, { kind: 'reload-ended' }>,
): AppRecord {
  if (app.reload?.count !== count) return app;
  const { reload, ...rest } = app;
  const outcome = failure === null ? 'succeeded' : 'failed';
  const lastReload: ReloadOutcome = { ...reload, outcome, generation: app.generation, endedAt: at, failure };
  return { ...rest, lastReload };
}
