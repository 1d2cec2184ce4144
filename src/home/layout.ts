import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';

/** Where everything of one daemon is. */
export interface HomePaths {
  readonly home: string;
  readonly run: string;
  readonly apiSocket: string;
  readonly runnerSocket: string;
  readonly controllerLock: string;
  readonly state: string;
  readonly logs: string;
  readonly daemonLog: string;
}

/** Longest path of a Unix socket on Linux; Node 20 silently cuts a longer one. */
const MAX_SOCKET_PATH = 107;

export function homePaths(home: string): HomePaths {
  const run = join(home, 'run');
  return {
    home,
    run,
    apiSocket: join(run, 'api.sock'),
    runnerSocket: join(run, 'runner.sock'),
    controllerLock: join(run, 'controller.lock'),
    state: join(home, 'state'),
    logs: join(home, 'logs'),
    daemonLog: join(home, 'daemon.log'),
  };
}

/**
 * Makes the home folder and refuses one that others could read or swap: owned by someone else, open to group or world,
 * or a symbolic link (the mode of the folder is the authentication of the API).
 */
export async function prepareHome(paths: HomePaths): Promise<Result<void, Failure>> {
  const longest = Buffer.byteLength(paths.runnerSocket);
  if (longest > MAX_SOCKET_PATH) {
    return err({
      code: 'HOME_PATH_TOO_LONG',
      message: `cannot use ${paths.home} as home: its socket paths are ${longest} bytes long, ${MAX_SOCKET_PATH} are possible`,
      hint: 'set STATEWARD_HOME (or --home) to a shorter path',
    });
  }
  try {
    await mkdir(paths.home, { recursive: true, mode: 0o700 });
    const safe = await checkHome(paths.home);
    if (!safe.ok) return safe;
    for (const folder of [paths.run, paths.state, paths.logs]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    return ok(undefined);
  } catch (error) {
    return err({
      code: 'PERMISSION',
      message: `cannot make the home folder ${paths.home}: ${(error as Error).message}`,
      hint: 'set STATEWARD_HOME (or --home) to a folder that you can write to',
    });
  }
}

/** The checks of `prepareHome` on a home that exists. */
export async function checkHome(home: string): Promise<Result<void, Failure>> {
  const stats = await lstat(home);
  const unsafe = (why: string, hint: string): Result<void, Failure> =>
    err({ code: 'HOME_UNSAFE', message: `cannot use ${home} as home: ${why}`, hint });
  if (stats.isSymbolicLink())
    return unsafe('it is a symbolic link', 'set STATEWARD_HOME to the folder itself');
  if (!stats.isDirectory()) return unsafe('it is not a folder', 'set STATEWARD_HOME to a folder');
  const uid = process.getuid?.();
  if (uid !== undefined && stats.uid !== uid) {
    return unsafe(
      `it belongs to user ${stats.uid}, not to you (${uid})`,
      'set STATEWARD_HOME to a folder of your own',
    );
  }
  if ((stats.mode & 0o077) !== 0) {
    return unsafe('group or others can access it', `chmod 700 ${home}`);
  }
  return ok(undefined);
}
