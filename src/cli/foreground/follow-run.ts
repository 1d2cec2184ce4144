import type { EventInfo } from '../../api/contract/wire/events.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Api } from '../session/api.ts';
import { verdictOf, type Verdict, type Watched } from './verdict.ts';

const RETRY_MS = 250;

export interface FollowOptions {
  readonly api: Pick<Api, 'followEvents' | 'watchApps'>;
  readonly clock: Clock;
  /** Ends both when it fires. */
  readonly signal: AbortSignal;
}

/** Tells what happens to apps from an event on, whatever becomes of the controller. */
export async function followEvents(
  after: number,
  onEvent: (event: EventInfo) => void,
  options: FollowOptions,
): Promise<void> {
  let last = after;
  await untilAborted(options, async ({ api, signal }) => {
    for await (const event of api.followEvents({ selectors: [], after: last }, { signal })) {
      last = event.seq;
      // What is said of no app is about the daemon: it matters where something is wrong.
      if (event.key !== null || event.level !== 'info') onEvent(event);
    }
    return undefined;
  });
}

/** Resolves with the verdict as soon as there is one; never when it is aborted before. */
export function awaitVerdict(watched: Watched, options: FollowOptions): Promise<Verdict> {
  return new Promise((resolve) => {
    void untilAborted(options, async ({ api, signal }) => {
      for await (const list of api.watchApps({ selectors: [], spec: 'none' }, { signal })) {
        const verdict = verdictOf(list, watched);
        if (verdict !== null) return verdict;
      }
      return undefined;
    }).then((verdict) => {
      if (verdict !== undefined) resolve(verdict);
    });
  });
}

/** Reads a stream again when it breaks, until it gives something or nobody waits for it any more. */
async function untilAborted<T>(
  options: FollowOptions,
  read: (options: FollowOptions) => Promise<T | undefined>,
): Promise<T | undefined> {
  while (!options.signal.aborted) {
    const found = await read(options).catch(() => undefined);
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => options.clock.after(RETRY_MS, resolve));
  }
  return undefined;
}
