import type { Clock } from '../../../lib/clocks/clock.ts';

/** What is asked while something goes on that may take long. */
export interface Oversight {
  /** Whether it is still wanted. */
  readonly isWanted: () => boolean;
  /** Whether it is time to look for something newer. */
  readonly isDue: () => boolean;
  readonly look: () => Promise<void>;
  /** Resolves when something has happened, or it is time to look. `cancel` ends the waiting. */
  readonly rest: () => { readonly done: Promise<void>; readonly cancel: () => void };
}

/**
 * Carries out what may take long, and looks for something newer meanwhile. What is not wanted any more is ended at once: its
 * signal fires. Resolves when it has ended; a look that goes on is not waited for.
 */
export async function oversee<T>(
  { isWanted, isDue, look, rest }: Oversight,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly result: T; readonly isOvertaken: boolean }> {
  const ending = new AbortController();
  let over = false;
  const isOver = (): boolean => over;
  const working = work(ending.signal).finally(() => {
    over = true;
  });
  // It is waited for below, perhaps after a look.
  working.catch(() => undefined);
  while (!isOver() && !ending.signal.aborted) {
    const { done, cancel } = rest();
    await Promise.race([working.catch(() => undefined), done]);
    cancel();
    // What happens during a look wakes nobody: it is asked again after each.
    while (!isOver() && isWanted() && isDue()) await Promise.race([working.catch(() => undefined), look()]);
    if (!isOver() && !isWanted()) ending.abort();
  }
  return { result: await working, isOvertaken: ending.signal.aborted };
}

/** Waits for a time, or until it is woken. */
export class Waking {
  #wake: () => void = () => undefined;

  wake(): void {
    this.#wake();
  }

  /** `until`: epoch milliseconds; null: no time ends it. */
  until(until: number | null, clock: Pick<Clock, 'now' | 'after'>): ReturnType<Oversight['rest']> {
    let cancel = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (until !== null) cancel = clock.after(Math.max(0, until - clock.now()), resolve);
    });
    return { done, cancel: () => cancel() };
  }
}
