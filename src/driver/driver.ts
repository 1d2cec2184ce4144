import type { AppKey } from '../lib/app-key.ts';
import type { Result } from '../lib/result.ts';
import type { ObservedInstance } from '../plan/model/types.ts';
import type { SpawnSpec, StopSpec, TailLine } from '../runner/protocol/messages.ts';

/** Why the driver could not do what it was asked. */
export interface DriverError {
  readonly code: 'unreachable' | 'unknown-instance' | 'refused';
  readonly message: string;
}

/** Something changed in the process table, or a person should know of something. Never a command. */
export type DriverEvent =
  | { readonly kind: 'instance'; readonly instance: ObservedInstance }
  | {
      readonly kind: 'notice';
      readonly nonce: string | null;
      readonly code: string;
      readonly message: string;
    }
  /** What a process has sent over its channel, besides that it is ready. */
  | { readonly kind: 'message'; readonly nonce: string; readonly message: unknown }
  /** The connection to the runner came up (again) or went away. */
  | { readonly kind: 'connected'; readonly epoch: string }
  | { readonly kind: 'disconnected' };

/** What changes of a process that is taken over as it is. */
export type AdoptedSettings = Pick<SpawnSpec, 'labels' | 'logs' | 'leftovers' | 'background'>;

/** How the controller sees and changes processes: the runner in production, a fake in tests. */
export interface Driver {
  /** False while the runner does not answer; the table is then the last one known. */
  readonly reachable: boolean;
  /** The process table as last reported. */
  instances(): readonly ObservedInstance[];
  instancesOf(key: AppKey): readonly ObservedInstance[];
  instance(nonce: string): ObservedInstance | undefined;
  /** Resolves when the process is up, or its failure to start is on the table as an exit. */
  start(spec: SpawnSpec): Promise<Result<ObservedInstance, DriverError>>;
  /** Resolves when the stop is under way; the exit follows as an event. */
  stop(spec: StopSpec): Promise<Result<void, DriverError>>;
  signal(nonce: string, signal: string, tree: boolean): Promise<Result<void, DriverError>>;
  /** Sends a message over the channel of a process; refused when it has none. */
  send(nonce: string, message: unknown): Promise<Result<void, DriverError>>;
  /** What a process has written last, oldest first; one that has ended too, until it is forgotten. */
  tail(nonce: string): Promise<Result<readonly TailLine[], DriverError>>;
  adopt(nonce: string, settings: AdoptedSettings): Promise<Result<void, DriverError>>;
  forget(nonce: string): Promise<Result<void, DriverError>>;
  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: (event: DriverEvent) => void): () => void;
}
