import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

/** Where a program is, absolute; null: nowhere on PATH. Entries of PATH that depend on the current folder do not count. */
export function findProgram(name: string, path: string | undefined): string | null {
  const folders = (path ?? '').split(':').filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

/** The program of a command that runs in `cwd`: `npm` is looked for on PATH, `./build.sh` there. null: there is none. */
export function findCommand(name: string, cwd: string, path: string | undefined): string | null {
  if (!name.includes('/')) return findProgram(name, path);
  const file = resolve(cwd, name);
  return isProgram(file) ? file : null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
