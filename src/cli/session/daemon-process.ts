import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, readFileSync, statSync } from 'node:fs';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { err, ok } from '../../lib/result.ts';
import { checkHome, makeHome } from '../../home/check.ts';
import { openDaemonLog } from '../../home/daemon-log.ts';
import { unsafeInside } from '../../home/tighten.ts';
import { homeLayout } from '../../home/layout.ts';
import { daemonEnvironment } from '../../spec/environment/daemon-environment.ts';

const START_LIMIT_MS = 10_000;
/** One that ended for another (code 0), or was killed, is followed by another that may still be starting. */
const AFTER_EXIT_LIMIT_MS = 5_000;
const POLL_MS = 20;
const LOG_TAIL_LINES = 10;

/**
 * How Node runs the daemon. The space for young objects stays at 1 MB: left alone it grows to many times that during a
 * large apply, and a daemon that idles afterwards keeps it. It gives memory back itself when it has nothing to do. It hands
 * the flags on to whoever restarts it.
 */
export const DAEMON_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--expose-gc'];

export interface StartDaemonOptions {
  readonly home: string;
  /** The built daemon program. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Whether the daemon of this home answers. */
  answers(): Promise<boolean>;
}

/**
 * Starts the daemon of a home in the background and waits until it answers. Any number of commands may do this at once:
 * the daemons settle among themselves who runs, and every command ends up with the one that does. Fails with
 * DAEMON_START_FAILED and the end of its log: at once when the daemon ended with a code of failure, else after 10 s.
 */
export async function startDaemon(options: StartDaemonOptions): Promise<Result<void, Failure>> {
  const { home } = options;
  const unusable = checkHome(home) ?? unsafeInside(homeLayout(home)) ?? makeHome(home);
  if (unusable !== null) return err(unusable);
  const logStart = daemonLogSize(options.home);
  const child = spawnDetached(options);
  const started = options.clock.monotonic();
  let deadline = started + START_LIMIT_MS;
  let seenExit = false;
  for (;;) {
    const hasFailed = child.exitCode !== null && child.exitCode !== 0;
    if (await options.answers()) return ok(undefined);
    if (hasFailed) return err(startFailure(options.home, child.exitCode, logStart));
    const now = options.clock.monotonic();
    if (!seenExit && hasEnded(child)) {
      seenExit = true;
      deadline = Math.min(deadline, now + AFTER_EXIT_LIMIT_MS);
    }
    if (now >= deadline) return err(startFailure(options.home, child.exitCode, logStart));
    await new Promise<void>((resolve) => options.clock.after(POLL_MS, resolve));
  }
}

function spawnDetached({ home, program, env }: StartDaemonOptions): ChildProcess {
  const log = openDaemonLog(homeLayout(home).daemonLog);
  try {
    const child = spawn(process.execPath, [...DAEMON_FLAGS, program, home], {
      cwd: home,
      detached: true,
      env: daemonEnvironment(env),
      stdio: ['ignore', log, log],
    });
    // A spawn that fails shows as a daemon that never answers.
    child.on('error', () => undefined);
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** How large the log of the daemon is, in bytes. */
export function daemonLogSize(home: string): number {
  return sizeOf(homeLayout(home).daemonLog);
}

/**
 * Why a daemon did not come up. `code`: what it ended with; null: it did not end. `logStart`: where the log ended before
 * the start; anything before it is about earlier daemons.
 */
export function startFailure(home: string, code: number | null, logStart: number): Failure {
  const log = homeLayout(home).daemonLog;
  const ended = code === null ? '' : `: it ended with code ${code}`;
  return {
    code: 'DAEMON_START_FAILED',
    message: `cannot start the daemon${ended}`,
    details: linesFrom(log, logStart),
    hint: `its log is ${log}; stateward daemon run shows it live, stateward doctor checks the host`,
  };
}

function linesFrom(file: string, start: number): readonly string[] {
  try {
    const text = readFileSync(file).subarray(start).toString('utf8').trimEnd();
    return text === '' ? [] : text.split('\n').slice(-LOG_TAIL_LINES);
  } catch {
    return [];
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
