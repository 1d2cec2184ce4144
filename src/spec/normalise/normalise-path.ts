import { join, resolve } from 'node:path';

/** An absolute path: `~/x` below the home, else relative to `folder`. */
export function resolvePath(path: string, folder: string, home: string | null): string {
  if (home !== null && (path === '~' || path.startsWith('~/'))) return join(home, path.slice(1));
  return resolve(folder, path);
}
