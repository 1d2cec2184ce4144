import type { CodeInfo } from '../../api/contract/wire/apps.ts';
import type { CodeIdentity } from '../../plan/model/code.ts';
import { isActive } from '../../plan/slots/readiness.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';

export function viewCode({ id, commit, branch, dirty, version }: CodeIdentity): CodeInfo {
  return {
    id,
    commit: commit ?? null,
    branch: branch ?? null,
    dirty: dirty ?? false,
    version: version ?? null,
  };
}

/** The code of every process that runs and whose code is known. */
export function runningCode(
  instances: readonly ObservedInstance[],
): readonly { readonly slot: number; readonly code: CodeInfo }[] {
  return instances
    .filter(isActive)
    .flatMap(({ slot, code }) => (code === undefined ? [] : [{ slot, code: viewCode(code) }]))
    .sort((a, b) => a.slot - b.slot);
}
