import { PerformanceObserver } from 'node:perf_hooks';
import type { CollectionFigures } from '../protocol.ts';

/** To be told of each collection costs an app that makes many about a hundredth: so one part of the time is looked at. */
const WINDOW_MS = 2_000;
const PAUSE_MS = 12_000;

let count = 0;
let pausedMs = 0;
let watchedMs = 0;
let watching: { readonly observer: PerformanceObserver; readonly since: number } | null = null;
let mayBeginAt = 0;

/** What was seen of the garbage collection so far. Being asked has the next two seconds looked at, at most every 12. */
export function collections(): CollectionFigures {
  const now = performance.now();
  if (watching === null && now >= mayBeginAt) watch(now);
  const since = watching === null ? 0 : now - watching.since;
  return { count, seconds: pausedMs / 1_000, ofSeconds: (watchedMs + since) / 1_000 };
}

function watch(now: number): void {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      count += 1;
      pausedMs += duration;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  watching = { observer, since: now };
  mayBeginAt = now + PAUSE_MS;
  setTimeout(() => {
    observer.disconnect();
    watchedMs += performance.now() - now;
    watching = null;
  }, WINDOW_MS).unref();
}
