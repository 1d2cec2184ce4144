import type { AppKey } from '../../lib/app-key.ts';
import type { AppSpec } from '../../spec/types.ts';
import { reloadsCode } from '../decide/reload-code.ts';
import { describeCodeChange, type CodeChange } from '../model/code.ts';

/**
 * How the code on disk differs from that of processes that stay, and the command that runs it. `compared`: whether an
 * apply rolls it out.
 */
export function olderCode(
  change: CodeChange,
  {
    key,
    spec,
    compared,
  }: { readonly key: AppKey; readonly spec: Pick<AppSpec, 'reload'>; readonly compared: boolean },
): string {
  return `${describeCodeChange(change)}; ${wayOf(key, spec, compared)}`;
}

/** A process that stays when its app is reloaded stays with its code, unless the file says that it reads it again. */
function wayOf(key: AppKey, spec: Pick<AppSpec, 'reload'>, compared: boolean): string {
  const isReplaced = spec.reload == null || reloadsCode(spec);
  const verb = `stateward ${isReplaced ? 'reload' : 'restart'} ${key}`;
  if (compared) return `stateward apply rolls it out, ${verb} too`;
  return isReplaced ? `${verb} runs it, stateward apply --reload too` : `${verb} runs it`;
}
