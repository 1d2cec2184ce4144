import { readdirSync, readFileSync } from 'node:fs';

/** Others are answered within this time whatever one client does: far above what it takes on a busy machine. */
export const MEANWHILE_MS = 5_000;

/** What a process of ours holds: memory in megabytes, open descriptors. */
export function held(pid: number): { readonly megabytes: number; readonly descriptors: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    megabytes: Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]) / 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/**
 * Asks again and again while something else goes on; gives, at the end, how long the answers took, in milliseconds,
 * ascending. `ask` rejects where nobody answers.
 */
export function askMeanwhile(ask: () => Promise<unknown>): () => Promise<readonly number[]> {
  const times: number[] = [];
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) {
      const start = performance.now();
      await ask();
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  asking.catch(() => undefined);
  return async () => {
    over.abort();
    await asking;
    return times.toSorted((a, b) => a - b);
  };
}

/** The value below which 99 of 100 are. */
export function p99(ascending: readonly number[]): number {
  return ascending[Math.floor(ascending.length * 0.99)] ?? 0;
}
