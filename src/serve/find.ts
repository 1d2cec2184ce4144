import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { errorCode } from '../lib/system-error.ts';
import { isHidden } from './target.ts';

/** What lies at a path below the served folder. */
export type Found =
  | { readonly kind: 'file'; readonly path: string; readonly stats: Stats }
  | { readonly kind: 'folder' }
  | { readonly kind: 'missing' }
  /** The served folder itself is gone, or the host has no descriptors left. */
  | { readonly kind: 'unavailable'; readonly reason: string };

export interface Served {
  /** Absolute, perhaps over links: where they lead is looked at with every request, so that a release can be switched. */
  readonly root: string;
  /** Files that are never served, whatever links to them. */
  readonly secret: readonly string[];
}

/** The path is not there, or nobody may know whether it is. Everything else is a fault of the host. */
const ABSENT: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENAMETOOLONG',
  'EINVAL',
]);

/**
 * Follows the links of a path, and gives what is at its end where that is inside of the served folder, is no dot file, and
 * is a plain file or a folder: a device or a FIFO is not opened.
 */
export async function find({ root, secret }: Served, names: readonly string[]): Promise<Found> {
  let real: string;
  try {
    real = await realpath(root);
  } catch (error) {
    return { kind: 'unavailable', reason: `${root}: ${errorCode(error) ?? String(error)}` };
  }
  try {
    const path = await realpath(join(real, ...names));
    const inside = real === sep ? sep : `${real}${sep}`;
    if (path !== real && !path.startsWith(inside)) return { kind: 'missing' };
    if (isHidden(relative(real, path).split(sep)) || secret.includes(path)) return { kind: 'missing' };
    const stats = await stat(path);
    if (stats.isDirectory()) return { kind: 'folder' };
    return stats.isFile() ? { kind: 'file', path, stats } : { kind: 'missing' };
  } catch (error) {
    const code = errorCode(error);
    return ABSENT.has(code) ? { kind: 'missing' } : { kind: 'unavailable', reason: code ?? String(error) };
  }
}
