import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { openDaemonLog } from '../home/daemon-log.ts';
import type { HomeLayout } from '../home/layout.ts';
import { daemonEnvironment } from '../spec/environment/daemon-environment.ts';

/**
 * How Node runs the runner. Left alone, the space for young objects grows after a few hundred restarts and stays: what lives
 * in it is 6 MB, before and after. It gives memory back itself when a burst is over.
 */
const RUNNER_FLAGS = ['--max-semi-space-size=2', '--expose-gc'] as const;

/** What starts a runner for a home. It gets the flags that Node runs the controller with, for the next one. */
export function runnerCommand(distDir: string, home: string): readonly [string, ...string[]] {
  return [process.execPath, ...RUNNER_FLAGS, join(distDir, 'runner.cjs'), home, ...process.execArgv];
}

/** Starts a runner for the home, in a session of its own, and forgets it: its socket says whether it came up. */
export function startRunner(distDir: string, paths: HomeLayout): void {
  const log = openDaemonLog(paths.daemonLog);
  try {
    const [node, ...args] = runnerCommand(distDir, paths.home);
    const child = spawn(node, args, {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: paths.home,
      // It outlives the controller, and may start the next one: what a unit gave is not kept by it.
      env: daemonEnvironment(process.env),
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
    // Every start asks, and most folders have none: to be told so by an error would cost more than the look.
    if (!existsSync(candidate)) continue;
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return process.execPath;
}
