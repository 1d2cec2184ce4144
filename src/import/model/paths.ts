import { isAbsolute, join, relative } from 'node:path';
import type { Fields } from './imported.ts';

/** An absolute path as a file in `folder` says it: `./x` below the folder, as it is elsewhere. */
export function inFolder(path: string, folder: string): string {
  if (!isAbsolute(path)) return path;
  const inner = relative(folder, path);
  if (inner === '') return '.';
  return inner === '..' || inner.startsWith('../') ? path : `./${inner}`;
}

export interface Folders {
  /** Where relative paths begin now, absolute. */
  readonly from: string;
  /** Where the ecosystem file will be, absolute. */
  readonly folder: string;
}

/**
 * The fields of an app of a file in `from` as they are in an ecosystem file in another folder. Relative paths begin at the
 * file's folder, and most of them at `cwd`. `startsThere`: an app that says nothing of it runs in the folder of its file.
 */
export function rebased(fields: Fields, { from, folder }: Folders, startsThere = true): Fields {
  if (from === folder) return fields;
  const base = relative(folder, from) || '.';
  const move = (path: unknown): unknown =>
    typeof path !== 'string' || /^(?:\/|~|\$\{)/.test(path)
      ? path
      : `./${join(base, path)}`.replace(/^\.\/\.\.\//, '../');
  const { cwd = startsThere ? '.' : undefined, env_file: files } = fields;
  return {
    ...fields,
    ...(cwd !== undefined && { cwd: move(cwd) }),
    ...(files !== undefined && { env_file: Array.isArray(files) ? files.map(move) : move(files) }),
  };
}
