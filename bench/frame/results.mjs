import { figuresOf } from './figures.mjs';
import { goalText, judgeGoal, judgeRow } from './verdict.mjs';

/**
 * What is known of a row after its measurement; what `--json` prints and `--from` reads again.
 *
 * @param row one of rows/index.mjs
 * @param measured `{ samples: { ours, bare, pm2 }, notes, error, seconds }`: lists of numbers in the unit of the row, what has
 *   to be said beside them, and why it could not be measured (null: it was)
 */
export function resultOf(row, { samples = {}, notes = [], error = null, seconds = null }) {
  const figures = figuresOf(samples);
  const verdict = error === null ? judgeRow(row.goals, figures) : 'unmeasured';
  return {
    id: row.id,
    what: row.what,
    unit: row.unit,
    beside: row.beside ?? null,
    pm2: row.pm2 ?? null,
    goals: row.goals.map((goal) => ({
      text: goalText(goal, row),
      of: goal.of,
      verdict: judgeGoal(goal, figures),
    })),
    verdict,
    reason: verdict === 'missed' ? (row.reason ?? null) : null,
    error,
    notes,
    figures,
    samples,
    seconds,
  };
}
