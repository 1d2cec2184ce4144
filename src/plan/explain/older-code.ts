import type { AppKey } from '../../lib/app-key.ts';
import { describeCodeChange, type CodeChange } from '../model/code.ts';

/**
 * How the code on disk differs from that of processes that stay, and the command that runs it. `compared`: whether an
 * apply rolls it out.
 */
export function olderCode(
  change: CodeChange,
  { key, compared }: { readonly key: AppKey; readonly compared: boolean },
): string {
  const way = compared
    ? `stateward apply rolls it out, stateward reload ${key} too`
    : `stateward reload ${key} runs it, stateward apply --reload too`;
  return `${describeCodeChange(change)}; ${way}`;
}
