import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../fast/cache-folder.ts';
import type { Failure } from '../../lib/failure.ts';
import type { ProjectSpec } from '../../spec/types.ts';

/** Declarations that are remembered; older ones have their warnings shown again. */
const REMEMBERED = 500;

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
  const folder = cacheFolder(env);
  if (folder === null) return false;
  const file = join(folder, 'warnings-shown');
  const id = createHash('sha256')
    .update(JSON.stringify([home, declared.projects, declared.warnings]))
    .digest('base64url')
    .slice(0, 22);
  const known = readMemory(file);
  if (known.includes(id)) return true;
  writeMemory(file, [...known, id].slice(-REMEMBERED));
  return false;
}

/** Only what we have written ourselves keeps a warning from being shown. */
function readMemory(file: string): readonly string[] {
  try {
    const { uid, mode } = statSync(file);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return [];
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function writeMemory(file: string, ids: readonly string[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, `${ids.join('\n')}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // Read-only, full, or of somebody else.
  }
}
