import { accessSync, chmodSync, constants, lstatSync, mkdirSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { fitsSocket, MAX_SOCKET_PATH_BYTES } from '../lib/sockets/socket-path.ts';
import { homeLayout, type HomeLayout } from './layout.ts';
import { errorCode } from '../lib/system-error.ts';

const GROUP_AND_OTHERS = 0o077;
const STICKY = 0o1000;
const OTHERS_WRITE = 0o002;
const FOLDER_MODE = 0o700;

/**
 * Why a folder cannot be the home of a daemon, or null: a path too long for its sockets, a symlink, another owner, or
 * access for others, or nothing can be written there. A home that is not there yet is fine.
 */
export function checkHome(home: string): Failure | null {
  return longPath(home) ?? unsafeHome(home) ?? whyReadOnly(home);
}

/** Why others could read or swap what is in a home (its mode is the authentication of the API), or null. */
export function unsafeHome(home: string): Failure | null {
  const stats = statOf(home);
  const wrong = stats === null ? null : whyUnsafe(stats);
  if (wrong === null) return null;
  return { code: 'HOME_UNSAFE', message: `${home} ${wrong.what}`, hint: wrong.hint(home) };
}

/** Makes a home that is checked, with the folders that controller and runner need in it. */
export function prepareHome(layout: HomeLayout): Result<void, Failure> {
  const unusable = checkHome(layout.home) ?? makeHome(layout.home);
  if (unusable !== null) return err(unusable);
  for (const folder of [layout.run, layout.state, layout.logs]) {
    const failure = makeHome(folder);
    if (failure !== null) return err(failure);
  }
  return ok(undefined);
}

function longPath(home: string): Failure | null {
  const socket = homeLayout(home).runnerSocket;
  if (fitsSocket(socket)) return null;
  return {
    code: 'HOME_PATH_TOO_LONG',
    message: `the socket ${socket} would be ${Buffer.byteLength(socket)} bytes long; the system allows ${MAX_SOCKET_PATH_BYTES}`,
    hint: 'choose a shorter folder with --home or STATEWARD_HOME',
  };
}

/** Makes the folder, with those above it that are missing; gives why that is not possible. */
export function makeHome(home: string): Failure | null {
  try {
    makeFolders(home);
    return null;
  } catch (error) {
    return unwritable(home, error);
  }
}

/** Step by step: below /proc, `recursive` of Node 20 never ends. */
function makeFolders(folder: string): void {
  if (statOf(folder) !== null) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
    // Whatever the umask is.
    chmodSync(folder, FOLDER_MODE);
  } catch (error) {
    // Another command that starts the daemon may have made it in between.
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Looks at the home, or at the next folder above that is there. */
function whyReadOnly(home: string): Failure | null {
  let folder = home;
  while (statOf(folder) === null && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return unwritable(home, error);
  }
}

function unwritable(home: string, error: unknown): Failure {
  return {
    code: 'PERMISSION',
    message: `cannot write to the home ${home}: ${(error as Error).message}`,
    hint: 'choose a folder that you can write to with --home or STATEWARD_HOME',
  };
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
  // As /tmp, or a tmpfs of a container: everybody may make a folder of their own in it.
  const isShared = (stats.mode & STICKY) !== 0 && (stats.mode & OTHERS_WRITE) !== 0;
  const below = (home: string): string => `name a folder in it: STATEWARD_HOME=${join(home, 'stateward')}`;
  if (isShared) return { what: 'is for everybody', hint: below };
  if (uid !== undefined && stats.uid !== uid) return { what: 'belongs to another user', hint: own };
  if ((stats.mode & GROUP_AND_OTHERS) !== 0) {
    return { what: 'can be accessed by other users', hint: (home) => `chmod 700 ${home}` };
  }
  return null;
}
