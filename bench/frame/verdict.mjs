/**
 * Goals of a row. One goal bounds one figure (figures.mjs): `{ of: 'ratio', atMost: 1.25 }`. Its median counts; with
 * `every`, the worst of its runs. `or` is a goal that does instead.
 */

/** `met`, `missed`, or `unmeasured` where the figure is not there. */
export function judgeGoal(goal, figures) {
  const judged = judgeBound(goal, figures[goal.of]);
  if (judged === 'met' || goal.or === undefined) return judged;
  const instead = judgeGoal(goal.or, figures);
  return instead === 'unmeasured' ? judged : instead;
}

function judgeBound({ atMost, atLeast, every }, figure) {
  if (figure === null || figure === undefined) return 'unmeasured';
  const isKept =
    atMost === undefined
      ? (every ? figure.min : figure.median) >= atLeast
      : (every ? figure.max : figure.median) <= atMost;
  return isKept ? 'met' : 'missed';
}

/** One miss is a miss. A row is `unmeasured` where it has goals and none was measured, `none` where it has no goal. */
export function judgeRow(goals, figures) {
  if (goals.length === 0) return 'none';
  const verdicts = goals.map((goal) => judgeGoal(goal, figures));
  if (verdicts.includes('missed')) return 'missed';
  return verdicts.includes('met') ? 'met' : 'unmeasured';
}

/** As a person reads it: `<= 1.25 x node -e 0`. */
export function goalText(goal, row) {
  const sign = goal.atMost === undefined ? '>=' : '<=';
  const bound = goal.atMost ?? goal.atLeast;
  const text = bound === 0 && goal.atMost === 0 ? '0' : `${sign} ${textOf(goal.of, bound, row)}`;
  const instead = goal.or === undefined ? '' : ` or ${goalText(goal.or, row)}`;
  return `${text}${goal.every ? ' in every run' : ''}${instead}`;
}

function textOf(of, bound, { unit, beside }) {
  switch (of) {
    case 'ratio':
      return `${bound} x ${beside}`;
    case 'besidePm2':
      return `${bound} x PM2`;
    case 'over':
      return `${beside} + ${bound} ${unit}`;
    default:
      return `${bound} ${unit}`;
  }
}
