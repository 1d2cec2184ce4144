import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { Failure } from '../lib/failure.ts';
import { apiSocketPath } from './home.ts';

/** The longest path that a Unix socket can have, in bytes (sun_path, less its final zero). */
const SOCKET_PATH_LIMIT = 107;
const GROUP_AND_OTHERS = 0o077;

/**
 * Why a folder cannot be the home of a daemon, or null: a path too long for its sockets, a symlink, another owner, or
 * access for others. A home that is not there yet is fine.
 */
export function checkHome(home: string): Failure | null {
  const socket = apiSocketPath(home);
  const bytes = Buffer.byteLength(socket);
  if (bytes > SOCKET_PATH_LIMIT) {
    return {
      code: 'HOME_PATH_TOO_LONG',
      message: `the socket ${socket} would be ${bytes} bytes long; the system allows ${SOCKET_PATH_LIMIT}`,
      hint: 'choose a shorter folder with --home or STATEWARD_HOME',
    };
  }
  const stats = statOf(home);
  if (stats === null) return null;
  const wrong = whyUnsafe(stats);
  if (wrong === null) return null;
  return { code: 'HOME_UNSAFE', message: `${home} ${wrong.what}`, hint: wrong.hint(home) };
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

function whyUnsafe(stats: Stats): { readonly what: string; hint(home: string): string } | null {
  const own = () => 'choose a folder of your own with --home or STATEWARD_HOME';
  if (stats.isSymbolicLink()) {
    return { what: 'is a symbolic link', hint: () => 'name the folder itself with STATEWARD_HOME' };
  }
  if (!stats.isDirectory()) return { what: 'is not a folder', hint: own };
  const uid = process.getuid?.();
  if (uid !== undefined && stats.uid !== uid) return { what: 'belongs to another user', hint: own };
  if ((stats.mode & GROUP_AND_OTHERS) !== 0) {
    return { what: 'can be accessed by other users', hint: (home) => `chmod 700 ${home}` };
  }
  return null;
}
