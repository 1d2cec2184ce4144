import { readFileSync, writeFileSync } from 'node:fs';
import { cellsOf, COLUMNS, remarksOf } from './cells.mjs';
import { headLines } from './head.mjs';
import { summaryOf } from './terminal.mjs';

export const BEGIN = '<!-- bench: the newest table; `npm run bench -- --write` writes it -->';
export const END = '<!-- bench: end of the table -->';

const MARKS = { met: '✅', missed: '🔴', unmeasured: '❔', none: '' };

/** The table as Markdown. */
export function pageTable({ heads, results }) {
  const row = (cells) => `| ${cells.map(escaped).join(' | ')} |`;
  const remarks = remarksOf(results).map(({ id, kind, text }) => `- \`${id}\` ${kind}: ${escaped(text)}`);
  return [
    ...heads.map((head) => `${headLines(head).map(sentence).join(' ')}\n`),
    `${summaryOf(results)}.`,
    '',
    row(['', 'Row', ...COLUMNS]),
    row(Array.from({ length: COLUMNS.length + 2 }, () => '---')),
    ...results.map((result) => row([MARKS[result.verdict], `\`${result.id}\``, ...cellsOf(result)])),
    '',
    ...remarks,
  ]
    .join('\n')
    .trimEnd();
}

/** Puts the table into the page, between its marks, in the place of the one that is there. */
export async function writeIntoPage(file, run) {
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from)
    throw new Error(`${file} has no place for the table: the marks are not in it`);
  const text = `${page.slice(0, from)}${BEGIN}\n\n${pageTable(run)}\n\n${page.slice(to)}`;
  writeFileSync(file, await formatted(text, file));
}

/** As `npm run format` leaves it. */
async function formatted(text, file) {
  const { format, resolveConfig } = await import('prettier');
  return await format(text, { ...(await resolveConfig(file)), filepath: file });
}

function sentence(line) {
  return `${line[0].toUpperCase()}${line.slice(1)}.`;
}

function escaped(text) {
  return text.replaceAll('|', '\\|').replaceAll('<=', '≤').replaceAll('>=', '≥').replaceAll('\n', ' ');
}
