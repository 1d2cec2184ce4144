import {
  accessSync,
  constants,
  readdirSync,
  readFileSync,
  readlinkSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { errorCode } from '../../lib/system-error.ts';

/** What the host is asked for. Nothing throws: null is what is not there, or not ours to see. */
export interface Host {
  read(path: string): string | null;
  list(path: string): readonly string[] | null;
  link(path: string): string | null;
  stat(path: string): FileStat | null;
  space(path: string): Space | null;
  /** Why nothing can be written there, as a code of the system; null: it can. */
  whyReadOnly(path: string): string | null;
  isExecutable(path: string): boolean;
}

export interface FileStat {
  readonly isFolder: boolean;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly changedAt: number;
  readonly mode?: number;
  readonly uid?: number;
}

/** Of the file system that a path is on. */
export interface Space {
  readonly freeBytes: number;
  /** Files that can still be made, and in all; 0 in all: it has no such bound. */
  readonly freeFiles: number;
  readonly files: number;
  /** See statfs(2). */
  readonly type: number;
}

export const systemHost: Host = {
  read: (path) => attempt(() => readFileSync(path, 'latin1')),
  list: (path) => attempt(() => readdirSync(path)),
  link: (path) => attempt(() => readlinkSync(path)),
  stat: (path) =>
    attempt(() => {
      const stats = statSync(path);
      const { mode, uid, size: bytes, mtimeMs: changedAt } = stats;
      return { isFolder: stats.isDirectory(), bytes, changedAt, mode, uid };
    }),
  space: (path) =>
    attempt(() => {
      const { bavail, bsize, ffree, files, type } = statfsSync(path);
      return { freeBytes: bavail * bsize, freeFiles: ffree, files, type };
    }),
  whyReadOnly(path) {
    try {
      accessSync(path, constants.W_OK);
      return null;
    } catch (error) {
      return errorCode(error) ?? 'unknown';
    }
  },
  isExecutable: (path) =>
    attempt(() => {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    }) ?? false,
};

function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
