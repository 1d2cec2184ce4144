import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { errorCode } from '../../lib/system-error.ts';

/**
 * The file that `name` stands for, as execvp(3) would find it from `cwd`: a path as it is, a bare name on `path`.
 * Null when there is none; throws the system's error when there is one that may not be run.
 */
export async function findExecutable(name: string, path: string, cwd: string): Promise<string | null> {
  const candidates = name.includes('/')
    ? [resolve(cwd, name)]
    : path.split(delimiter).map((folder) => join(resolve(cwd, folder), name));
  let refused: Error | undefined;
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      if ((await stat(candidate)).isFile()) return candidate;
    } catch (error) {
      if (errorCode(error) === 'EACCES') refused = error as Error;
    }
  }
  if (refused !== undefined) throw refused;
  return null;
}
