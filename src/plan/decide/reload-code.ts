import type { AppSpec } from '../../spec/types.ts';
import type { CodeIdentity } from '../model/code.ts';
import type { ObservedInstance } from '../model/observed.ts';

type Spec = Pick<AppSpec, 'reload'>;

/** Whether a reload has the app run all of its newest code. */
export function reloadsCode({ reload }: Spec): boolean {
  return reload?.on_change.includes('code') === true;
}

/** The files that the app reads again on a reload, beside its code. */
export function filesRead({ reload }: Spec): readonly string[] {
  return (reload?.on_change ?? []).filter((entry) => entry !== 'code');
}

/** What a process runs once it has been reloaded; undefined: as before, or not known. */
export function codeAfterReload(
  spec: Spec,
  before: CodeIdentity | undefined,
  onDisk: CodeIdentity | undefined,
): CodeIdentity | undefined {
  if (onDisk === undefined) return undefined;
  if (reloadsCode(spec)) return onDisk;
  return before === undefined || onDisk.read === undefined ? undefined : { ...before, read: onDisk.read };
}

/** Whether files that a process reads again on a reload are known to have changed since it did. */
export function hasReadOthers({ code }: Pick<ObservedInstance, 'code'>, onDisk: CodeIdentity): boolean {
  return code?.read !== undefined && onDisk.read !== undefined && code.read !== onDisk.read;
}
