import type { Signal } from './host-signals.ts';

/** Tells a process apart from every other one that had or will have its pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** As the kernel reports it; only ever compared with itself. */
  readonly startTime: string;
  readonly bootId: string;
}

export interface ProcessStat {
  readonly startTime: string;
  readonly group: number;
  readonly parent: number;
  /** Absent where that cannot be told. */
  readonly session?: number;
  /** It has ended, with all that it had open, and nobody has asked for its exit code yet. */
  readonly zombie: boolean;
}

/** What the environment of a process says about whose it is. `unreadable`: the kernel does not let us look. */
export type NonceReading =
  | { readonly kind: 'nonce'; readonly nonce: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' };

export interface ProcessEntry {
  readonly pid: number;
  readonly startTime: string;
  readonly group: number;
  /** Null: carries none, or cannot be read. */
  readonly nonce: string | null;
}

/** How the runner sees the processes of the host, its own and others. */
export interface Processes {
  /** Changes with every boot. */
  readonly bootId: string;
  /**
   * Synchronous, so that what it says still holds for a signal sent in the same tick. Null: no such process. Throws the
   * system's error where it cannot be looked at.
   */
  stat(pid: number): ProcessStat | null;
  nonce(pid: number): NonceReading;
  /** A variable as the process was started with; null: none, or the kernel does not let us look. */
  variable(pid: number, name: string): string | null;
  /** Whether the process has a handler of its own for the signal; false where that cannot be told. */
  catches(pid: number, signal: Signal): boolean;
  /**
   * Every live process of the host, read in slices so that the loop goes on, with the nonce that it was first seen with.
   * `since`: a start time; what began before it may be left out.
   */
  scan(since?: string): Promise<readonly ProcessEntry[]>;
}

/** As `isAlive`, and true where it cannot be looked at. */
export function mayBeAlive(processes: Processes, identity: ProcessIdentity): boolean {
  try {
    return isAlive(processes, identity);
  } catch {
    return true;
  }
}

/** Whether the very process that was recorded is alive now. */
export function isAlive(processes: Processes, identity: ProcessIdentity): boolean {
  if (identity.bootId !== processes.bootId) return false;
  const stat = processes.stat(identity.pid);
  return stat !== null && !stat.zombie && stat.startTime === identity.startTime;
}
