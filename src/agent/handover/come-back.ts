import { lstatSync } from 'node:fs';

/** The next try comes after a quarter of the time since the loss: soon at first, and never many. */
const PATIENCE = 4;
const MIN_WAIT_MS = 50;
/** The same for who has nothing that anybody waits for. */
const LEISURE_MS = 250;
const MAX_WAIT_MS = 2_000;
/** For so long a socket that was there at the loss is taken for the one of the runner that died. */
const STALE_MS = 500;
/** The first knocks of those come within this time, and not all at once. */
const SPREAD_MS = 500;

export interface ComingBack {
  /** Path of the socket where the next runner waits. */
  readonly path: string;
  /** Whether the app is there for its messages, and ends without a channel: it is kept while it waits for another. */
  readonly keeps: () => boolean;
  /** It shares sockets, which others wait for, or talks by its channel. */
  readonly hurried: boolean;
  /** Says at the socket who is there; `again`: it was not heard. */
  readonly knock: (again: () => void) => void;
}

/**
 * Looks for the next runner of a process that has lost its channel. A hundred apps lose theirs in the same moment, and the
 * next runner needs the processor too: nothing is loaded before it is there.
 *
 *   waiting ──time is up, and there is a socket──▶ (hurried, or it has knocked before?) ──▶ knocking ──▶ (channel)
 *      ▲ ▲                                           │ no, within 0.5 s   ▲                    │
 *      │ └──nobody there                             └────────────────────┘                    │
 *      └──not heard────────────────────────────────────────────────────────────────────────────┘
 */
export function comeBack({ path, keeps, hurried, knock }: ComingBack): void {
  const since = now();
  const stale = ownSocket(path);
  let isNext = hurried;
  const after = (ms: number, action: () => void): void => {
    const timer = setTimeout(action, ms);
    if (!keeps()) timer.unref();
  };
  const again = (): void => {
    const least = hurried ? MIN_WAIT_MS : LEISURE_MS;
    after(Math.min(MAX_WAIT_MS, Math.max(least, (now() - since) / PATIENCE)), look);
  };
  const look = (): void => {
    const found = ownSocket(path);
    const isThere = found !== null && (found !== stale || now() - since >= STALE_MS);
    if (!isThere) again();
    else if (isNext) knock(again);
    else after(LEISURE_MS + Math.random() * SPREAD_MS, look);
    isNext ||= isThere;
  };
  again();
}

/** Milliseconds; `performance` would have to be loaded. */
function now(): number {
  return process.uptime() * 1_000;
}

/**
 * Tells the socket that is at `path` now from others that were and will be. Null: there is none that is to be trusted, as
 * only who may end this process anyhow is: its own user, and root.
 */
function ownSocket(path: string): string | null {
  try {
    const stat = lstatSync(path);
    const isOurs = stat.isSocket() && (stat.uid === process.getuid?.() || stat.uid === 0);
    return isOurs ? `${stat.ino} ${stat.ctimeMs}` : null;
  } catch {
    return null;
  }
}
