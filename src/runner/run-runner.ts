import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync } from 'node:fs';
import { hostCgroupFiles } from './cgroup/cgroup-files.ts';
import { systemClock } from '../lib/clocks/clock.ts';
import type { StartedController } from './controller-watch.ts';
import { hostProcesses } from './processes/host-processes.ts';
import { acquireLock } from './lock/lock.ts';
import { openDaemonLog } from '../home/daemon-log.ts';
import { giveBackMemory } from '../lib/memory/give-back-memory.ts';
import type { Lock } from './lock/lock-outcome.ts';
import { succeed } from './succession/succeed.ts';
import { homeLayout } from '../home/layout.ts';
import { outsideOfInstances } from './processes/nonce.ts';
import { Runner } from './runner.ts';
import { say as log } from './say.ts';
import { errorMessage } from '../lib/system-error.ts';
import { failpoint } from '../lib/failpoints/failpoint.ts';

export interface RunRunnerOptions {
  /** Absolute path of the home. */
  readonly home: string;
  readonly version: string;
  /** It is to take the place of a runner that lives: the descriptors of the lock that both share. */
  readonly lockFds?: readonly number[] | undefined;
  /** The program that keeps the sockets of apps for the next runner. */
  readonly holderProgram: string;
  /** Program and arguments that start the controller of this home. */
  readonly controllerCommand: readonly [string, ...string[]];
}

/**
 * Runs the runner of a home in this process until nobody needs it any more. Resolves with false at once when another
 * process runs it already; rejects when the home cannot be used. Takes over the signals of the process.
 */
export async function runRunner(options: RunRunnerOptions): Promise<boolean> {
  const paths = homeLayout(options.home);
  mkdirSync(paths.run, { recursive: true, mode: 0o700 });
  const { version, lockFds } = options;
  if (lockFds !== undefined) {
    const makeRunner = (lock: Lock): Runner => runnerOf(options, lock);
    return succeed({ paths, version, clock: systemClock, lockFds, log, makeRunner });
  }
  const outcome = await acquireLock(paths.runnerLock, { folder: paths.home });
  if (!outcome.held) {
    log(`process ${outcome.by ?? '?'} is the runner of ${options.home} already`);
    return false;
  }
  failpoint('runner.locked');
  await runnerOf(options, outcome.lock).start();
  return true;
}

function runnerOf({ home, version, controllerCommand, holderProgram }: RunRunnerOptions, lock: Lock): Runner {
  const paths = homeLayout(home);
  const processes = hostProcesses();
  const runner = new Runner({
    paths,
    version,
    lock,
    epoch: randomUUID(),
    clock: systemClock,
    processes,
    cgroups: {
      files: hostCgroupFiles,
      proc: '/proc',
      pid: process.pid,
      isInstance: (pid) => processes.nonce(pid).kind === 'nonce',
    },
    host: {
      user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
      env: process.env,
      agentSocket: paths.agentSocket,
      agentFolders: paths.agentFolders,
      terminals: paths.terminals,
      notifyFolder: paths.notify,
    },
    holderProgram,
    startController: () => startController(controllerCommand, paths.daemonLog),
    homeExists: () => existsSync(paths.home),
    log,
    exit: () => process.exit(0),
  });
  handleSignals(runner);
  // For as long as the process lives.
  giveBackMemory({ clock: systemClock });
  return runner;
}

/**
 * Apps live here: a signal that ends other programs must not take exit codes and logs from them. SIGTERM and SIGINT
 * mean "end when you can"; the others of a terminal or a tool mean nothing. A bug in one corner is logged, for the
 * same reason; what it may have broken is repaired by the next runner's adoption at the latest.
 */
function handleSignals(runner: Runner): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => runner.leaveWhenEmpty());
  }
  for (const signal of ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    process.on(signal, () => log(`${signal} has no meaning here`));
  }
  process.on('uncaughtException', (error) => log(`internal error: ${error.stack ?? error.message}`));
}

function startController(command: RunRunnerOptions['controllerCommand'], logPath: string): StartedController {
  const [file, ...args] = command;
  const fd = openDaemonLog(logPath);
  try {
    // Started from inside an instance, what is ours is not part of it.
    const env = outsideOfInstances(process.env);
    const child = spawn(file, args, { detached: true, stdio: ['ignore', fd, fd], env });
    child.unref();
    return {
      onEnd(callback) {
        child.once('exit', (_, signal) => callback(signal === 'SIGKILL'));
        child.once('error', (error) => {
          log(`cannot start a controller: ${errorMessage(error)}`);
          callback(false);
        });
      },
      kill: () => void child.kill('SIGKILL'),
    };
  } finally {
    closeSync(fd);
  }
}
