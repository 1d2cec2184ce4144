import { existsSync } from 'node:fs';

/** Says to the command below that process 1 is the shell of `INIT`. */
export const INIT_VARIABLE = 'STATEWARD_INIT';

const SHELL = '/bin/sh';

/**
 * Process 1 of a container: starts the command, hands signals on to it, and waits. A shell that waits reaps every process
 * that is left to it. `wait` ends early when a signal comes, with a code that is not that of the command; asked again, it
 * says how the command ended, or 127 when it has said so before. Without the detour by 3 its input would be /dev/null.
 */
const INIT = `
exec 3<&0
"$@" <&3 3<&- &
child=$!
exec 3<&-
for name in TERM INT HUP QUIT USR1 USR2; do
  trap "got=yes; kill -$name $child 2>/dev/null" $name
done
code=0
while :; do
  got=
  wait $child
  now=$?
  [ $now = 127 ] || code=$now
  [ -n "$got" ] || break
done
exit $code
`;

interface Execve {
  readonly execve?: (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never;
}

/**
 * As process 1, makes a shell of this process that runs the same command line as its child, and reaps: Node itself waits
 * for its own children only, so that what apps leave behind would stay as zombies. Comes back where that is not possible:
 * before Node 22.15, or without a shell.
 */
export function becomeInit(): void {
  const { execve } = process as Execve;
  if (process.pid !== 1 || execve === undefined || !existsSync(SHELL)) return;
  const { execPath, execArgv, argv } = process;
  const command = [execPath, ...execArgv, ...argv.slice(1)];
  process.removeAllListeners('warning');
  try {
    execve.call(process, SHELL, ['sh', '-c', INIT, 'stateward-init', ...command], {
      ...process.env,
      [INIT_VARIABLE]: '1',
    });
  } catch {
    // It goes on as it is, and says what that means.
  }
}
