import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { openDaemonLog } from '../home/daemon-log.ts';
import type { HomeLayout } from '../home/layout.ts';
import { outsideOfInstances } from '../runner/processes/nonce.ts';

/**
 * Starts a runner for the home, in a session of its own, and forgets it: its socket says whether it came up. It gets
 * the flags that Node runs the controller with, for the next one.
 */
export function startRunner(distDir: string, paths: HomeLayout): void {
  const log = openDaemonLog(paths.daemonLog);
  try {
    const child = spawn(process.execPath, [join(distDir, 'runner.cjs'), paths.home, ...process.execArgv], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: paths.home,
      env: outsideOfInstances(process.env),
    });
    // When the runner cannot be started, nobody answers on its socket.
    child.on('error', () => undefined);
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** The `node` that a shell with this PATH would run, or the one that runs this process when there is none. */
export function findNode(path: string | undefined): string {
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, 'node');
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return process.execPath;
}
