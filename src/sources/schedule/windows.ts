/** The times of a cron expression, epoch milliseconds. Made where cron is read: this room knows none. */
export interface WindowTimes {
  /** The first time after `at`; null: none comes any more. */
  next(at: number): number | null;
  /** The last time that is not after `at`; null: there was none. */
  latest(at: number): number | null;
}

/** From each of its times on, for a while, syncs are allowed, or denied. */
export interface SyncWindow {
  readonly kind: 'allow' | 'deny';
  readonly times: WindowTimes;
  /** In milliseconds of real time: an hour stays an hour where clocks are changed. */
  readonly durationMs: number;
}

export interface WindowState {
  readonly open: boolean;
  /** When that changes, epoch milliseconds; null: not within what can be foreseen. */
  readonly changesAt: number | null;
  /** Index of the window that decides: the one that denies, or allows; null: none does, and that is why. */
  readonly window: number | null;
}

/** How many beginnings and ends are looked at: three a day, for a year. */
const MAX_STEPS = 1_100;

/**
 * Whether syncs are allowed at a time, and until when. A window that denies wins. Without windows that allow, what is not
 * denied is allowed; with some, only what is in one of them.
 *
 *   open ──a deny window begins, or the last allow window ends──▶ closed
 *   closed ──the last deny window has ended, and an allow window (if any is declared) goes on──▶ open
 */
export function windowState(windows: readonly SyncWindow[], at: number): WindowState {
  const { open, window } = stateAt(windows, at);
  let time: number | null = at;
  for (let step = 0; step < MAX_STEPS; step++) {
    time = nextEdge(windows, time);
    if (time === null) break;
    if (stateAt(windows, time).open !== open) return { open, window, changesAt: time };
  }
  return { open, window, changesAt: null };
}

function stateAt(windows: readonly SyncWindow[], at: number): Pick<WindowState, 'open' | 'window'> {
  const isOn = ({ times, durationMs }: SyncWindow): boolean => {
    const begin = times.latest(at);
    return begin !== null && at < begin + durationMs;
  };
  const denies = windows.findIndex((window) => window.kind === 'deny' && isOn(window));
  if (denies !== -1) return { open: false, window: denies };
  const allows = windows.findIndex((window) => window.kind === 'allow' && isOn(window));
  if (allows !== -1) return { open: true, window: allows };
  return { open: windows.every(({ kind }) => kind === 'deny'), window: null };
}

/** The next moment at which a window begins, or the last beginning's time is over. */
function nextEdge(windows: readonly SyncWindow[], at: number): number | null {
  const edges = windows.flatMap(({ times, durationMs }) => {
    const begin = times.latest(at);
    const end = begin === null ? null : begin + durationMs;
    return [times.next(at), end].filter((edge): edge is number => edge !== null && edge > at);
  });
  return edges.length === 0 ? null : Math.min(...edges);
}
