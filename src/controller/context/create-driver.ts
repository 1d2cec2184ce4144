import { join } from 'node:path';
import type { HostDriver } from '../../driver/driver.ts';
import { toObserved } from '../../driver/runner/process-table.ts';
import { RunnerDriver } from '../../driver/runner/runner-driver.ts';
import type { RunnerDriverOptions } from '../../driver/runner/runner-driver-options.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { namedHolder, silentRunner } from '../../home/silent.ts';
import { systemClock } from '../../lib/clocks/clock.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { instancesLeftBehind, instancesOnHost } from '../../runner/adoption/left-behind.ts';
import type { MarkContext } from '../../runner/marks/mark-context.ts';
import { marksOf } from '../../runner/marks/home-marks.ts';
import { readMarkKey } from '../../runner/marks/mark-key.ts';
import { hostProcesses } from '../../runner/processes/host-processes.ts';
import { lackOf } from '../../runner/spawn/lack-of.ts';
import { baseEnv } from '../base-env.ts';
import { findNode, startRunner } from '../programs.ts';

/** The driver of this host: another one is a folder beside `driver/runner` and another call here. */
export function createDriver({
  paths,
  distDir,
  environment = process.env,
  startsRunner = true,
  ...options
}: CreateDriverOptions): HostDriver {
  return new RunnerDriver({
    socketPath: paths.runnerSocket,
    clock: systemClock,
    startRunner: () => {
      if (startsRunner) startRunner(distDir, paths);
    },
    seenOnHost: () => instancesOnHost({ ...marksOfHome(paths), ledger: paths.ledger, clock: systemClock }),
    lackOf,
    describeSilent: (known, since) => {
      const pid = known ?? namedHolder(paths.runnerLock);
      return { pid, failure: silentRunner(pid, since) };
    },
    launch: {
      baseEnv: baseEnv(environment),
      logsDir: paths.logs,
      agentPath: join(distDir, 'agent.cjs'),
      servePath: join(distDir, 'serve.cjs'),
      terminalPath: join(distDir, 'terminal.pl'),
      findNode,
    },
    ...options,
  });
}

export interface CreateDriverOptions extends Pick<
  RunnerDriverOptions,
  'version' | 'onError' | 'names' | 'supervised' | 'observeOnly'
> {
  readonly paths: HomeLayout;
  /** Folder of the built programs. */
  readonly distDir: string;
  /** What the base of every app's environment is taken from. */
  readonly environment?: Readonly<NodeJS.ProcessEnv>;
  /** False: uses a runner that runs already, and starts none. */
  readonly startsRunner?: boolean;
}

/** What the last runner has left when none runs any more; null: a runner runs and does not answer. */
export async function leftBehind(paths: HomeLayout): Promise<readonly ObservedInstance[] | null> {
  const { runnerLock: lock, ledger } = paths;
  const left = await instancesLeftBehind({ ...marksOfHome(paths), lock, ledger, clock: systemClock });
  return left?.map(toObserved) ?? null;
}

/** How the processes of a home are known, where no runner is there to ask. */
export function marksOfHome(paths: HomeLayout): MarkContext {
  const key = readMarkKey(paths.markKey);
  return marksOf(paths, { processes: hostProcesses(), key, now: systemClock.now() });
}
