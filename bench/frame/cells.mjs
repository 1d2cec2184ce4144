/** The texts of the table, the same in the terminal and in the page. */
export const COLUMNS = ['What', 'Goal', 'stateward', 'Beside it', 'Ratio', 'PM2', 'To PM2'];

export const MARKS = { met: '✓', missed: '✗', unmeasured: '?', none: ' ' };

/** One text for each column. */
export function cellsOf({ what, goals, figures, unit, beside, pm2, error }) {
  const value = (figure) => (figure === null ? '' : withSpread(figure, numberText, ` ${unit}`));
  const ratio = (figure) => (figure === null ? '' : withSpread(figure, ratioText, ''));
  const named = (figure, name, times) => {
    if (figure === null) return '';
    return `${name === null ? '' : `${name}: `}${value(figure)}${times === null ? '' : `, ${ratio(times)} x`}`;
  };
  return [
    what,
    goals.map(({ text }) => text).join('; '),
    error === null ? value(figures.ours) : 'not measured',
    named(figures.bare, beside, null),
    goals.some(({ of }) => of === 'over') ? `+ ${value(figures.over)}` : ratio(figures.ratio),
    named(figures.pm2, pm2, figures.pm2Ratio),
    ratio(figures.besidePm2),
  ];
}

/** `61 ms (58-70)`; without the spread where there is none. */
function withSpread({ median, min, max }, text, unit) {
  const range = text(min) === text(max) ? '' : ` (${text(min)} to ${text(max)})`;
  return `${text(median)}${unit}${range}`;
}

/** Three digits that count. */
export function numberText(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return String(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : 2);
}

function ratioText(value) {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(2);
}

/** What has to be said of rows below the table: `{ id, kind, text }`. */
export function remarksOf(results) {
  return results.flatMap(({ id, verdict, reason, error, notes }) => [
    ...(verdict === 'missed'
      ? [{ id, kind: 'missed', text: reason ?? 'it was met whenever it was looked into' }]
      : []),
    ...(error === null ? [] : [{ id, kind: 'not measured', text: error }]),
    ...notes.map((text) => ({ id, kind: 'note', text })),
  ]);
}
