import type { SpawnSpec } from '../../runner/protocol/orders.ts';
import type { RunnerInstance } from '../../runner/protocol/reports.ts';
import type { LaunchContext } from './orders/launch.ts';
import type { AppNames } from './process-table.ts';
import type { RunnerLinkOptions } from './runner-link.ts';

/** What a driver over a runner process is made with. */
export interface RunnerDriverOptions extends RunnerLinkOptions {
  readonly launch: LaunchContext;
  /** What a listener has thrown. */
  readonly onError: (error: unknown) => void;
  /** What the host shows of the processes, where the runner has never said anything; absent: nothing. */
  readonly seenOnHost?: () => Promise<readonly RunnerInstance[]>;
  /** What this host lacks for a start, for people; null: nothing is known of. Absent: it is found out by starts alone. */
  readonly lackOf?: (spec: SpawnSpec) => Promise<string | null>;
  /** Names of apps that were moved; absent: none was. */
  readonly names?: () => AppNames;
}
