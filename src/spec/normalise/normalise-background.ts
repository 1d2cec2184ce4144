import type { App } from '../generated/ecosystem.ts';
import type { SpecNote } from './normalise-context.ts';
import { resolvePath } from './normalise-path.ts';
import type { AppSpec } from '../types.ts';

/** The absolute path of the pid file; null: none. */
export function readPidFile(
  { pid_file }: App,
  { cwd, home }: { readonly cwd: string; readonly home: string | null },
): string | null {
  return pid_file === undefined ? null : resolvePath(pid_file, cwd, home);
}

/** What the schema cannot say of programs that put themselves into the background. */
export function backgroundNotes({
  daemonize,
  pid_file,
  instances,
  schedule,
  exec_mode,
}: AppSpec): SpecNote[] {
  const wrong = (message: string, hint: string): SpecNote => ({
    level: 'error',
    code: 'CONFIG_BAD_VALUE',
    path: ['daemonize'],
    message,
    hint,
  });
  return [
    ...(daemonize && exec_mode === 'cluster'
      ? [wrong('a program in the background shares no sockets', 'use `exec_mode: fork`')]
      : []),
    ...(daemonize && schedule !== null
      ? [wrong('a scheduled job ends when its process does', 'run it in the foreground')]
      : []),
    ...(daemonize && pid_file !== null && instances > 1
      ? [wrong('one pid file names one process', 'set `instances: 1`, or leave `pid_file` out')]
      : []),
  ];
}
