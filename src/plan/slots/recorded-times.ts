import type { DesiredApp } from '../model/desired.ts';
import type { SlotHistory } from '../model/observed.ts';
import { overrideEnd, withMovedEnds } from '../model/override-end.ts';

/** The part of an app that holds times which are compared with others. */
type TimedApp = Pick<DesiredApp, 'rollout' | 'unfit'> & Partial<Pick<DesiredApp, 'override'>>;

/** The history as it would be had the wall clock always been what it is since it was set by `byMs`. */
export function withMovedTimes(history: SlotHistory, byMs: number): SlotHistory {
  const { lastExit, unstableExits, lastRestartAt } = history;
  return {
    ...history,
    ...(lastRestartAt !== undefined && { lastRestartAt: lastRestartAt + byMs }),
    unstableExits: unstableExits.map((at) => at + byMs),
    lastExit: lastExit === null ? null : { ...lastExit, at: lastExit.at + byMs },
  };
}

/** The same of an app: when its rollout began, its processes were found unfit, and its override ends. */
export function withMovedStarts<App extends TimedApp>(app: App, byMs: number): App {
  const { rollout, unfit, override = null } = app;
  const ends = override !== null && overrideEnd(override) !== null;
  if (rollout === undefined && unfit === undefined && !ends) return app;
  return {
    ...app,
    ...(ends && { override: withMovedEnds(override, byMs) }),
    ...(rollout !== undefined && { rollout: { ...rollout, startedAt: rollout.startedAt + byMs } }),
    ...(unfit !== undefined && {
      unfit: Object.fromEntries(
        Object.entries(unfit).map(([slot, found]) => [slot, { ...found, at: found.at + byMs }]),
      ),
    }),
  };
}

/** The latest of these times, epoch milliseconds; -Infinity: there is none. */
export function newestTime(apps: readonly TimedApp[], histories: readonly SlotHistory[]): number {
  return Math.max(
    ...apps.flatMap(({ rollout, unfit = {} }) => [
      rollout?.startedAt ?? -Infinity,
      ...Object.values(unfit).map(({ at }) => at),
    ]),
    ...histories.flatMap(({ lastExit, unstableExits }) => [
      lastExit?.at ?? -Infinity,
      unstableExits.at(-1) ?? -Infinity,
    ]),
  );
}
