import type { HookRunStatus } from '../../../api/contract/wire/events.ts';
import { isGoingOn } from '../../../plan/hooks/hook-runs.ts';
import type { HookRecord } from '../../../plan/model/hooks.ts';
import type { ObservedHook } from '../../../plan/model/observed.ts';
import { toRfc3339 } from '../wire-values.ts';

/** As much of a line as is shown with a run. */
const LINE_LENGTH = 200;

/** The runs of the hooks of an app: those that go on, then those on record, newest first. */
export function viewHookRuns(
  hooks: readonly ObservedHook[],
  records: readonly HookRecord[],
): readonly HookRunStatus[] {
  return [...hooks.filter(isGoingOn).map(viewGoingOn), ...records.map(viewHookRecord)];
}

function viewGoingOn({ hook, revision, generation, startedAt }: ObservedHook): HookRunStatus {
  return {
    ...{ hook: hook.name, slot: hook.slot, reason: hook.reason, revision, generation },
    startedAt: toRfc3339(startedAt),
    ...{ endedAt: null, durationMs: null, exitCode: null, exitSignal: null },
    ...{ outcome: 'running', message: null, lastLine: null },
  };
}

/** A run that has ended, as the API shows it. */
export function viewHookRecord(record: HookRecord): HookRunStatus {
  const { name, slot, reason, revision, generation, startedAt, durationMs } = record;
  const { exitCode, signal, failure, lines } = record;
  return {
    ...{ hook: name, slot, reason, revision, generation },
    startedAt: toRfc3339(startedAt),
    endedAt: toRfc3339(startedAt + durationMs),
    ...{ durationMs, exitCode, exitSignal: signal, outcome: outcomeOf(record), message: failure },
    lastLine: lines?.at(-1)?.slice(0, LINE_LENGTH) ?? null,
  };
}

function outcomeOf({ failure, calledOff }: HookRecord): HookRunStatus['outcome'] {
  if (failure === null) return 'succeeded';
  return calledOff === true ? 'stopped' : 'failed';
}
