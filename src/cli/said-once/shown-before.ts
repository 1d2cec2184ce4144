import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolderSync } from '../../lib/make-folder.ts';
import { cacheFolder } from '../../lib/programs/cache-folder.ts';

/** What is remembered of each kind; what is older is shown again. */
const REMEMBERED = 500;

/**
 * Whether something was shown to this user before; from now on it was. `name`: the file of its kind in the user's cache.
 * `unknown`: that cannot be remembered.
 */
export function shownBefore(
  name: string,
  id: string,
  env: Readonly<Record<string, string | undefined>>,
): 'yes' | 'no' | 'unknown' {
  const folder = cacheFolder(env);
  if (folder === null) return 'unknown';
  const file = join(folder, name);
  const known = readMemory(file);
  if (known.includes(id)) return 'yes';
  return writeMemory(file, [...known, id].slice(-REMEMBERED)) ? 'no' : 'unknown';
}

/** The same question, which leaves no trace. */
export function wasShown(
  name: string,
  id: string,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const folder = cacheFolder(env);
  return folder !== null && readMemory(join(folder, name)).includes(id);
}

/** Only what we have written ourselves keeps something from being shown. */
function readMemory(file: string): readonly string[] {
  try {
    const { uid, mode } = statSync(file);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return [];
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** False: the folder is read-only, full, or of somebody else. */
function writeMemory(file: string, ids: readonly string[]): boolean {
  try {
    makeFolderSync(dirname(file), 0o700);
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, `${ids.join('\n')}\n`, { mode: 0o600 });
    renameSync(temporary, file);
    return true;
  } catch {
    return false;
  }
}
