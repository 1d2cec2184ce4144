import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The home folder that a command talks to: `--home`, else STATEWARD_HOME, else `~/.stateward`. Absolute. */
export function resolveHome(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const named = flag ?? env['STATEWARD_HOME'];
  return named === undefined || named === '' ? join(homedir(), '.stateward') : resolve(named);
}

/** The Unix socket of the API below a home. */
export function apiSocketPath(home: string): string {
  return join(home, 'run', 'api.sock');
}

/** Where the daemon writes what it has to say. */
export function daemonLogPath(home: string): string {
  return join(home, 'daemon.log');
}
