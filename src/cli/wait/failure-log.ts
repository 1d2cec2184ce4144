import type { AppKey } from '../../lib/app-key.ts';
import type { Api } from '../session/api.ts';
import { failurePlace, isRollout } from '../../api/contract/progress/progress.ts';
import type { FailurePlace, Progress } from '../../api/contract/progress/progress.ts';
import { isSameFile, readLogTail, shownLines } from './last-log-lines.ts';
import type { LogTail } from './last-log-lines.ts';
import { renderOutputLine } from '../views/apps/log-line.ts';

/** What the apps of a wait have written that says why they failed. */
export interface FailureLog {
  /** An app is about to change its processes: its log so far belongs to the old ones. */
  mark(app: AppKey): void;
  /** An app has failed; its log is read now, since what comes back in its place writes to the same log. */
  take(app: AppKey, place: FailurePlace): void;
  /** An app has come a step further: does what that step asks for of these two. */
  hear(app: AppKey, progress: Progress): void;
  linesOf(app: AppKey): Promise<readonly string[]>;
}

/** Of so many apps at most it is remembered what their logs said before: to ask of thousands at once would keep the daemon busy. */
const MOST_MARKS = 100;
const WROTE_NOTHING = ['(it has written nothing)'];

export function createFailureLog(api: Api): FailureLog {
  const marks = new Map<AppKey, Promise<LogTail>>();
  const taken = new Map<AppKey, Promise<readonly string[]>>();
  const read = async (
    app: AppKey,
    { slot, hasExited, logLines }: FailurePlace,
  ): Promise<readonly string[]> => {
    // What the process itself wrote is better than any file, which other processes write to as well.
    if (logLines !== undefined) return logLines.length === 0 ? WROTE_NOTHING : logLines.map(renderOutputLine);
    const now = await readLogTail(app, api, slot);
    const before = await marks.get(app);
    if (before === undefined) return shownLines(now);
    const news = shownLines(tailSince(before, now));
    if (news.length > 0) return news;
    // The process ended before the mark was made: too many lines are better than none.
    return hasExited ? shownLines(now) : WROTE_NOTHING;
  };
  const mark = (app: AppKey): void => {
    if (!marks.has(app) && marks.size < MOST_MARKS) marks.set(app, readLogTail(app, api, null));
  };
  const take = (app: AppKey, place: FailurePlace): void => {
    if (!taken.has(app)) taken.set(app, read(app, place));
  };
  return {
    mark,
    take,
    hear: (app, progress) => {
      const place = failurePlace(progress);
      if (place !== null) take(app, place);
      else if (isRollout(progress)) mark(app);
    },
    linesOf: async (app) => {
      const early = (await taken.get(app)) ?? [];
      return early.length > 0 ? early : shownLines(await readLogTail(app, api, null));
    },
  };
}

/** What came to each file of a log. */
function tailSince(before: LogTail, now: LogTail): LogTail {
  return now.map((file) => {
    const known = before.find((other) => isSameFile(file, other))?.lines ?? [];
    return { ...file, lines: linesSince(known, file.lines) };
  });
}

/** The lines after those that were there before, the first of which may have left the tail. */
export function linesSince(before: readonly string[], now: readonly string[]): readonly string[] {
  for (let gone = 0; gone < before.length; gone += 1) {
    const kept = before.slice(gone);
    if (kept.every((line, index) => now[index] === line)) return now.slice(kept.length);
  }
  return now;
}
