import type { CodeLabel } from '../protocol/orders.ts';

/** What a reload that is under way does, as a later runner needs it. */
export interface ReloadUnderWay {
  /** The signal that is being sent, or the name of the command that runs and how long it has. */
  readonly by: { readonly signal: string } | { readonly command: string; readonly timeoutMs: number };
  /** What the process runs once it has been reloaded; absent: what it was started from. */
  readonly code?: CodeLabel;
}
