import { effectiveInstances, isUpToDate, runMode } from '../slots/effective.ts';
import type { CodeChange, CodeIdentity } from '../model/code.ts';
import { asideIdentity, describeCodeChange, isOtherCode } from '../model/code.ts';
import { rotationField } from '../model/secrets.ts';
import { isActive, hasEnded } from '../slots/readiness.ts';
import { hasReadOthers } from './reload-code.ts';
import { isScheduled } from '../slots/schedule.ts';
import type { AppTable } from '../slots/slots.ts';
import type { FieldChange } from '../../spec/types.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';

/** Whether a process is known to run other code than this. Code that is not known is not a reason to touch it. */
export function runsOtherCode(
  { state, code }: Pick<ObservedInstance, 'state' | 'code'>,
  onDisk: CodeIdentity,
): boolean {
  return isActive({ state }) && code !== undefined && isOtherCode(code, onDisk);
}

/**
 * Slots whose process is as declared except for its code. A running job is left to its end and runs the new code the
 * next time.
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

/** Slots whose process is as declared and has read other files than lie on disk now. */
export function slotsOfOtherFiles(
  app: DesiredApp,
  instances: readonly ObservedInstance[],
  onDisk: CodeIdentity,
): readonly number[] {
  if (app.spec.reload === null || runMode(app.spec, app.override) === 'stopped') return [];
  const slots = instances
    .filter((it) => isActive(it) && hasReadOthers(it, onDisk) && isUpToDate(it, app))
    .map((it) => it.slot);
  return [...new Set(slots)].sort((a, b) => a - b);
}

/**
 * Slots without a process, whose last one was started from other code: it has done its work, has failed, or was stopped. New
 * code is new work, as a new declaration would be.
 */
export function slotsLeftByOtherCode(
  app: DesiredApp,
  { instances, history }: AppTable,
  onDisk: CodeIdentity,
): readonly number[] {
  if (isScheduled(app.spec) || runMode(app.spec, app.override) !== 'running') return [];
  const wanted = effectiveInstances(app.spec, app.override);
  return history
    .filter(({ slot, lastCode }) => !isTaken(slot, instances) && slot < wanted && isOther(lastCode, onDisk))
    .map(({ slot }) => slot);
}

/** Whether a process of the app that is started now is of other code than the one before it in some slot. */
export function startsOtherCode(
  app: DesiredApp,
  { instances, history }: AppTable,
  onDisk: CodeIdentity,
): boolean {
  const wanted = effectiveInstances(app.spec, app.override);
  const runners = codeRunners({ instances, history: history.filter(({ slot }) => slot < wanted) });
  return !isScheduled(app.spec) && oldestCode(runners, onDisk) !== undefined;
}

function isOther(code: CodeIdentity | undefined, onDisk: CodeIdentity): boolean {
  return code !== undefined && isOtherCode(code, onDisk);
}

/** What the longest-running process of other code runs; undefined: none does. */
export function oldestCode(runners: readonly CodeRunner[], onDisk: CodeIdentity): CodeIdentity | undefined {
  return runners
    .filter((runner) => runsOtherCode(runner, onDisk))
    .reduce<CodeRunner | undefined>(
      (oldest, one) => (oldest === undefined || ageOf(one) < ageOf(oldest) ? one : oldest),
      undefined,
    )?.code;
}

/** Of an app whose code nobody compares: what its longest-running process of other code runs; undefined: none does. */
export function oldestAside(runners: readonly CodeRunner[], onDisk: CodeIdentity): CodeIdentity | undefined {
  const after = asideIdentity(onDisk);
  if (after === undefined) return undefined;
  const known = runners.flatMap((runner) => {
    const code = asideIdentity(runner.code);
    if (code === undefined) return [];
    // Secrets are compared by themselves, whatever is said of the code.
    const { secrets: _, readSecrets: __, ...own } = code;
    return [{ ...runner, code: own }];
  });
  return oldestCode(known, after);
}

/** The processes of an app, and what ended last in slots that have none. */
export function codeRunners({ instances, history }: AppTable): readonly CodeRunner[] {
  const ended = history.filter(({ slot }) => !isTaken(slot, instances));
  return [
    ...instances,
    ...ended.flatMap(({ lastCode }) =>
      lastCode === undefined ? [] : [{ state: 'running' as const, code: lastCode }],
    ),
  ];
}

function isTaken(slot: number, instances: readonly ObservedInstance[]): boolean {
  return instances.some((instance) => instance.slot === slot && !hasEnded(instance));
}

/** What is looked at in a process to compare its code. */
export type CodeRunner = Pick<ObservedInstance, 'state' | 'code'> & { readonly startedAt?: number };

function ageOf({ startedAt = 0 }: CodeRunner): number {
  return startedAt;
}

/** The change as fields of a plan: the code, and each value that was rotated. */
export function changedFields(change: CodeChange): readonly FieldChange[] {
  const rotations = Object.entries(change.rotated ?? {}).map(([name, text]) => rotationField(name, text));
  return [...(change.before.id === change.after.id ? [] : [codeField(change)]), ...rotations];
}

/** The change as a field of a plan, of class template, like everything that a process is started from. */
function codeField(change: CodeChange): FieldChange {
  const text = describeCodeChange({ ...change, note: '', rotated: {} });
  const [before = '', after = ''] = text.split(' → ');
  const field = { path: 'code', before, after, class: 'template', redacted: false } as const;
  return change.note === '' ? field : { ...field, note: change.note };
}
