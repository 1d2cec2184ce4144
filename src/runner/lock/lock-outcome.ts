/** Held until released or until the process ends, however it ends. */
export interface Lock {
  release(): Promise<void>;
  /** Takes the file that has the name now, where that of the lock was removed or replaced; false: it could not yet. */
  keep(): Promise<boolean>;
}

export type LockOutcome =
  | { readonly held: true; readonly lock: Lock }
  /** Another process has it; null when it has not said yet who it is. */
  | { readonly held: false; readonly by: number | null };
