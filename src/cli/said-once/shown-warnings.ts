import { createHash } from 'node:crypto';
import type { Failure } from '../../lib/failure.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import { shownBefore } from './shown-before.ts';

/** What files declare, with the warnings about it. */
export interface DeclaredWarnings {
  readonly projects: readonly ProjectSpec[];
  readonly warnings: readonly Failure[];
}

/**
 * Whether these warnings were already shown for this very declaration in this home; from now on they were. If that cannot
 * be remembered, they are shown again.
 */
export function wereShown(
  declared: DeclaredWarnings,
  { home, env }: { readonly home: string; readonly env: Readonly<Record<string, string | undefined>> },
): boolean {
  const id = createHash('sha256')
    .update(JSON.stringify([home, declared.projects, declared.warnings]))
    .digest('base64url')
    .slice(0, 22);
  return shownBefore('warnings-shown', id, env) === 'yes';
}
