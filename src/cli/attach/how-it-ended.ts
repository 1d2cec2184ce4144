import { constants } from 'node:os';
import type { AppList } from '../../api/contract/wire/apps.ts';
import type { Api } from '../session/api.ts';

/** How the process ended that somebody was attached to. */
export interface Ended {
  /** `ended with code 3`. */
  readonly text: string;
  /** Its exit code, 128 + n where signal n ended it. */
  readonly code: number;
}

type LastExit = AppList['items'][number]['status']['instances'][number]['lastExit'];

/** Leftovers are ended first, within their grace. */
const WAIT_MS = 10_000;
/** A controller that was killed is back in a second; one that is not there then will not say anything. */
const FIRST_MS = 5_000;

/**
 * Waits until the daemon says how the process `name` (`shop/repl:0`) ended that was there at `since`, a time of this host.
 * Null: it does not say so in time, or there is none.
 */
export async function howItEnded(
  { name, slot, since }: { readonly name: string; readonly slot: number; readonly since: number },
  api: Pick<Api, 'watchApps'>,
): Promise<Ended | null> {
  const query = { selectors: [name], spec: 'none', detail: 'brief' } as const;
  const abort = new AbortController();
  const giveUp = (): void => abort.abort();
  let timer = setTimeout(giveUp, FIRST_MS);
  let isAnswered = false;
  try {
    for await (const { items } of api.watchApps(query, { signal: abort.signal })) {
      if (!isAnswered) {
        isAnswered = true;
        clearTimeout(timer);
        timer = setTimeout(giveUp, WAIT_MS);
      }
      const exits = items.flatMap(({ status }) =>
        status.instances.filter((instance) => instance.slot === slot).map(({ lastExit }) => lastExit),
      );
      const exit = exits.find((one) => one !== null && Date.parse(one.at) >= since) ?? null;
      if (exit !== null) return ended(exit);
    }
    return null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function ended({ code, signal }: NonNullable<LastExit>): Ended {
  if (code !== null) return { text: `ended with code ${code}`, code };
  const number = signal === null ? undefined : constants.signals[signal as NodeJS.Signals];
  if (number === undefined) return { text: 'ended; its exit code is not known', code: 1 };
  return { text: `ended by ${signal ?? ''}`, code: 128 + number };
}
