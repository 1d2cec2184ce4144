import type { Cancel, Clock } from '../lib/clocks/clock.ts';

/** Whoever is about to apply has so long for it. */
const APPLY_PATIENCE_MS = 30_000;

/** Now, or after the apply that is about to come; and when it does not come after all, all the same. */
export function beginWhen(awaitsApply: boolean, begin: () => void, clock: Clock): Cancel {
  if (awaitsApply) return clock.after(APPLY_PATIENCE_MS, begin);
  begin();
  return () => undefined;
}

/** Does it the first time only. */
export function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
