import { defaultBoolean } from '../defaults.ts';
import type { App } from '../generated/ecosystem.ts';
import type { SpecNote } from './normalise-context.ts';
import { resolvePath } from './normalise-path.ts';
import type { AppSpec } from '../types.ts';
import { readBoolean } from './values.ts';

/** How a program that puts itself into the background is to be found there. */
export function normaliseBackground(
  { daemonize, pid_file }: App,
  { cwd, home }: { readonly cwd: string; readonly home: string | null },
): Pick<AppSpec, 'daemonize' | 'pid_file'> {
  return {
    daemonize: readBoolean(daemonize) ?? defaultBoolean('daemonize'),
    pid_file: pid_file === undefined ? null : resolvePath(pid_file, cwd, home),
  };
}

/** What the schema cannot say of programs that put themselves into the background. */
export function backgroundNotes({
  daemonize,
  pid_file,
  instances,
  schedule,
  exec_mode,
}: AppSpec): SpecNote[] {
  const isDaemon = daemonize === true;
  const wrong = (message: string, hint: string): SpecNote => ({
    level: 'error',
    code: 'CONFIG_BAD_VALUE',
    path: ['daemonize'],
    message,
    hint,
  });
  return [
    ...(isDaemon && exec_mode === 'cluster'
      ? [wrong('a program in the background shares no sockets', 'use `exec_mode: fork`')]
      : []),
    ...(isDaemon && schedule !== null
      ? [wrong('a scheduled job ends when its process does', 'run it in the foreground')]
      : []),
    ...(isDaemon && pid_file !== null && pid_file !== undefined && instances > 1
      ? [wrong('one pid file names one process', 'set `instances: 1`, or leave `pid_file` out')]
      : []),
  ];
}
