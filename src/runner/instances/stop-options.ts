import type { Clock } from '../../lib/clocks/clock.ts';
import type { ProcessIdentity, Processes } from '../processes/processes.ts';
import type { RunnerEvent } from '../protocol/messages.ts';
import type { ShutdownErrand } from '../errands/shutdown-errand.ts';
import type { LeftoversPolicy, StopSpec } from '../protocol/orders.ts';
import type { SurvivorSearch, Survivors } from './survivors.ts';

export type Notify = (notice: Omit<Extract<RunnerEvent, { event: 'notice' }>, 'event'>) => void;

export interface StopOptions {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly search: SurvivorSearch;
  readonly notify: Notify;
  readonly nonce: string;
  readonly identity: ProcessIdentity;
  /** Its process group, where that is known to be its own. */
  readonly group: number | null;
  /** It has put itself into the background, where many ignore SIGINT. */
  readonly inBackground: boolean;
  /** Null: as the stop says of the tree. */
  readonly leftovers: LeftoversPolicy['mode'] | null;
  /** Says it to the process; false: there is no channel, or it does not read. */
  readonly say: (message: unknown) => boolean;
  /** The earlier runner had a channel to it, and its agent is on its way back. */
  readonly agentComes: boolean;
  /** Begins the command that is to end it. */
  readonly command: Pick<ShutdownErrand, 'begin' | 'find'>;
  /** SIGKILL to all that can be reached no other way. */
  readonly killAll: () => void;
  /** The main process has ended by itself, and this has been found of what it left behind. */
  readonly found?: Survivors;
  /** An earlier runner has begun with it. */
  readonly before?: StopState;
}

/** How far a stop is that another runner goes on with. */
export interface StopState {
  /** Its `drainMs` is what is left of that. */
  readonly spec: StopSpec;
  /** It was drained, if it was to be, and asked to end. */
  readonly asked: boolean;
  /** It was told to end by a command, and has so long to do it; absent: it was not, or has been asked since. */
  readonly commandLeftMs?: number;
  /** Until what has not ended is killed. */
  readonly graceLeftMs: number;
  readonly killed: boolean;
  readonly wantsSigterm: boolean;
  readonly groupAsked: boolean;
}
