import type { HomeLayout } from '../home/layout.ts';
import type { Clock } from '../lib/clocks/clock.ts';
import type { CgroupHost } from './cgroup/cgroup-tree.ts';
import type { StartedController } from './controller-watch.ts';
import type { Lock } from './lock/lock-outcome.ts';
import type { Processes } from './processes/processes.ts';
import type { HostContext } from './spawn/launch-command.ts';

export interface RunnerOptions {
  readonly paths: HomeLayout;
  readonly version: string;
  /** Names this runner process; no other one ever has it. */
  readonly epoch: string;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly host: HostContext;
  readonly cgroups: CgroupHost;
  /** Of the home. */
  readonly lock: Lock;
  /** The program that keeps the sockets of apps for the next runner. */
  readonly holderProgram: string;
  readonly startController: () => StartedController;
  /** Whether the home is still there. */
  readonly homeExists: () => boolean;
  readonly log: (message: string) => void;
  /** Ends the process. */
  readonly exit: () => void;
}
