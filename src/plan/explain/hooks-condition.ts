import { HOOK_NAMES, hookOf } from '../../spec/hooks/hooks.ts';
import { awaitsPreStart } from '../slots/effective.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { Condition } from '../model/health.ts';
import type { HookRecord } from '../model/hooks.ts';

/**
 * That hooks which hold nothing up have failed: the last run of each counts, until it ends well or the app is changed. Of
 * pre_start the rollout tells, and this where it is over: what serves goes on, and is not started again.
 */
export function hooksCondition(app: DesiredApp, records: readonly HookRecord[] = []): readonly Condition[] {
  const { preStart, rollout } = app;
  if (preStart?.state === 'failed' && rollout === undefined && awaitsPreStart(app)) {
    const what = preStart.message ?? 'the pre_start hook failed';
    const message = `${what}; until it ends well no process is started, after a crash neither: stateward apply or restart runs it again`;
    return [{ type: 'Hooks', status: 'False', reason: 'PreStartFailed', message }];
  }
  const failed = HOOK_NAMES.flatMap((name) => {
    const last = records.find((record) => record.name === name);
    if (name === 'pre_start' || last === undefined || hookOf(app.spec, name) === undefined) return [];
    const counts = last.failure !== null && last.generation >= app.generation;
    return counts ? [describeFailedHook(last)] : [];
  });
  if (failed.length === 0) return [];
  const message = `${failed.join('; ')}; stateward logs ${app.key} has what it wrote`;
  return [{ type: 'Hooks', status: 'False', reason: 'HookFailed', message }];
}

/** `post_start hook of slot 0 exited with code 1 after 0.2s`. */
export function describeFailedHook({
  name,
  slot,
  failure,
}: Pick<HookRecord, 'name' | 'slot' | 'failure'>): string {
  return `${name} hook${slot === null ? '' : ` of slot ${slot}`} ${failure ?? 'ended well'}`;
}
