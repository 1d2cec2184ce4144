import { cellsOf, COLUMNS, MARKS, remarksOf } from './cells.mjs';
import { headLines } from './head.mjs';

const COLOURS = { met: 32, missed: 31, unmeasured: 33, none: 0 };

/** The whole of a run as text; `colours`: the marks and the misses are coloured. */
export function terminalTable({ heads, results }, colours) {
  const paint = (text, verdict) => (colours ? `\u001b[${COLOURS[verdict]}m${text}\u001b[0m` : text);
  const rows = results.map((result) => [result.id, ...cellsOf(result)]);
  const header = ['Row', ...COLUMNS];
  const widths = header.map((title, at) => Math.max(title.length, ...rows.map((cells) => cells[at].length)));
  const line = (cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd();
  return [
    ...heads.flatMap(headLines),
    '',
    `  ${line(header)}`,
    ...results.map(({ verdict }, index) => paint(`${MARKS[verdict]} ${line(rows[index])}`, verdict)),
    '',
    ...remarksOf(results).map(({ id, kind, text }) => `${id}: ${kind}: ${text}`),
    summaryOf(results),
    '',
  ].join('\n');
}

/** `24 rows: 20 met, 3 missed, 1 not measured` */
export function summaryOf(results) {
  const count = (wanted) => results.filter(({ verdict }) => verdict === wanted).length;
  const parts = [`${count('met')} met`, `${count('missed')} missed`, `${count('unmeasured')} not measured`];
  return `${results.length} rows: ${parts.join(', ')}`;
}
