/** Held until released or until the process ends, however it ends. */
export interface Lock {
  /** Descriptors with which another process holds it too, where the kernel holds it; none: `assign` alone counts. */
  readonly fds: readonly number[];
  /** Says that this process holds it from now on, which has the descriptors. */
  assign(pid: number): Promise<void>;
  release(): Promise<void>;
  /** Takes the file that has the name now, where that of the lock was removed or replaced; false: it could not yet. */
  keep(): Promise<boolean>;
}

export type LockOutcome =
  | { readonly held: true; readonly lock: Lock }
  /** Another process has it; null when it has not said yet who it is. */
  | { readonly held: false; readonly by: number | null };
