import { isUpToDate, runMode } from '../slots/effective.ts';
import type { CodeChange, CodeIdentity } from '../model/code.ts';
import { describeCodeChange } from '../model/code.ts';
import { isActive } from '../slots/readiness.ts';
import { isScheduled } from '../slots/schedule.ts';
import type { DesiredApp, FieldChange, ObservedInstance } from '../model/types.ts';

/** Whether a process is known to run other code than this. What is not known of a process is no reason to touch it. */
export function runsOtherCode(
  { state, code }: Pick<ObservedInstance, 'state' | 'code'>,
  onDisk: CodeIdentity,
): boolean {
  return isActive({ state }) && code !== undefined && code.id !== onDisk.id;
}

/**
 * Slots with a process that is as declared but for its code. A job that is going on is left to its end, and runs the
 * new code the next time.
 */
export function slotsOfOtherCode(
  app: DesiredApp,
  instances: readonly ObservedInstance[],
  onDisk: CodeIdentity,
): readonly number[] {
  if (isScheduled(app.spec) || runMode(app.spec, app.override) === 'stopped') return [];
  const slots = instances
    .filter((it) => runsOtherCode(it, onDisk) && isUpToDate(it, app))
    .map((it) => it.slot);
  return [...new Set(slots)].sort((a, b) => a - b);
}

/** What the longest-running process of other code runs; undefined: none does. */
export function oldestCode(instances: readonly CodeRunner[], onDisk: CodeIdentity): CodeIdentity | undefined {
  return instances
    .filter((instance) => runsOtherCode(instance, onDisk))
    .reduce<CodeRunner | undefined>(
      (oldest, one) => (oldest === undefined || ageOf(one) < ageOf(oldest) ? one : oldest),
      undefined,
    )?.code;
}

/** A process, as far as its code is looked at. */
export type CodeRunner = Pick<ObservedInstance, 'state' | 'code'> & { readonly startedAt?: number };

function ageOf({ startedAt = 0 }: CodeRunner): number {
  return startedAt;
}

/** The change as a field of a plan: class template, as everything that a process is started from. */
export function codeField(change: CodeChange): FieldChange {
  const text = describeCodeChange({ ...change, note: '' });
  const [before = '', after = ''] = text.split(' → ');
  const field = { path: 'code', before, after, class: 'template', redacted: false } as const;
  return change.note === '' ? field : { ...field, note: change.note };
}
