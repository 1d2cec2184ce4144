import type { Processes } from '../processes/processes.ts';

/** How the processes of a home are told from those of others. */
export interface MarkContext {
  readonly processes: Processes;
  /** Absolute path of the home, without links. */
  readonly home: string;
  /** Folder of the FIFOs. */
  readonly fifos: string;
  /** What marks are signed with; null: those of other users are not believed. */
  readonly key: Buffer | null;
  /** Epoch milliseconds. */
  readonly now: number;
}
