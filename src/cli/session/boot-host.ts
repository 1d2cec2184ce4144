import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import type { Login } from '../../boot/boot-plan.ts';
import type { BootHost } from '../../boot/resolve-service.ts';
import type { CliContext } from './context.ts';

/** Names that a shell takes for a user and nothing else. */
const USER_NAME = /^[A-Za-z_][\w.-]*$/;

/** This host and who asks, as a service of it is made from. */
export function bootHost({ env }: Pick<CliContext, 'env'>): BootHost {
  const { uid, username } = userInfo();
  const program = process.argv[1];
  return {
    uid,
    userName: username,
    homeDirOf: (user) => (user === username ? homedir() : homeDirOf(user)),
    cli: [process.execPath, ...(program === undefined ? [] : [realpathSync(program)])],
    path: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  };
}

export function bootLogin({ env }: Pick<CliContext, 'env'>): Login {
  return { uid: userInfo().uid, homeDir: homedir(), env };
}

/** The shell knows the users of a directory service too, which no file of this host lists. */
function homeDirOf(user: string): string | null {
  if (!USER_NAME.test(user)) return null;
  const found = execFileSync('sh', ['-c', `echo ~${user}`], { encoding: 'utf8' }).trim();
  return found.startsWith('/') ? found : null;
}
