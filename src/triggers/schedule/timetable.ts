/** The times of one cron expression, epoch milliseconds. */
export interface Timetable {
  /** The first time after `at`; null: none comes any more. */
  next(at: number): number | null;
  /** The last time that is not after `at`; null: there was none. */
  latest(at: number): number | null;
}

export interface CronText {
  readonly expression: string;
  /** A name of the tz database; null: that of the daemon. */
  readonly timezone: string | null;
  /** What an `H` in the expression is drawn from: the same text, the same times. */
  readonly seed: string;
}

export type ReadTimetable = (text: CronText) => Timetable;

/**
 * Loads cron-parser, which costs nothing as long as no app has a schedule. The returned function throws for what is
 * not a schedule.
 */
export async function loadTimetables(): Promise<ReadTimetable> {
  const { CronExpressionParser } = await import('cron-parser');
  return ({ expression, timezone, seed }) => {
    const from = (at: number) =>
      CronExpressionParser.parse(expression, {
        currentDate: new Date(at),
        hashSeed: seed,
        ...(timezone !== null && { tz: timezone }),
      });
    from(0);
    return {
      next: (at) => timeOrNull(() => from(at).next().getTime()),
      // The parser gives times before the one it starts from, at whole seconds.
      latest: (at) =>
        timeOrNull(() =>
          from(Math.floor(at / 1000) * 1000 + 1000)
            .prev()
            .getTime(),
        ),
    };
  };
}

/** The parser throws where it finds no time within its bounds. */
function timeOrNull(find: () => number): number | null {
  try {
    return find();
  } catch {
    return null;
  }
}
