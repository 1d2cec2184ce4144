import { isAbsolute, relative } from 'node:path';

/** An absolute path as a file in `folder` says it: `./x` below the folder, as it is elsewhere. */
export function inFolder(path: string, folder: string): string {
  if (!isAbsolute(path)) return path;
  const inner = relative(folder, path);
  if (inner === '') return '.';
  return inner === '..' || inner.startsWith('../') ? path : `./${inner}`;
}
