import type { Clock } from '../../lib/clocks/clock.ts';
import type { OutputStream } from '../views/text/terminal.ts';
import { fitLine, type FittedLine } from './fit-line.ts';
import { pace, type Pace } from './pace.ts';

/** What a block may fill. */
export interface BlockSize {
  readonly columns: number;
  /** Lines: one less than the terminal has, because the cursor stands below the block. */
  readonly rows: number;
}

/** Lines at the end of what was printed, which are written anew in their place. */
export interface Block {
  /** What the block shows has changed. `make` is called when it is drawn. */
  show(make: (size: BlockSize) => readonly string[]): void;
  /** Draws again what was shown last, for times that pass. */
  refresh(): void;
  /** Takes the block away and leaves these lines in its place, as they are. */
  end(lines: readonly string[]): void;
}

/** A terminal that says nothing of its size. */
const USUAL = { columns: 80, rows: 24 };
const CLEAR_BELOW = '\u001b[J';
const CLEAR_LINE = '\u001b[K';
/** Terminals that know it show what is between as one; the others pass it over. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';

/**
 * A block on a terminal that is otherwise left as it is: no alternate screen, no hidden cursor, nothing to restore. The
 * cursor rests at the beginning of the line below, so that whatever ends the process, the shell goes on there.
 */
export function openBlock(stream: OutputStream, clock: Pick<Clock, 'monotonic' | 'after'>): Block {
  let shown: readonly FittedLine[] = [];
  let shownColumns = 0;
  let make: ((size: BlockSize) => readonly string[]) | null = null;
  const draw = (): void => {
    if (make === null) return;
    const size = sizeOf(stream);
    const lines = make(size)
      .slice(0, size.rows)
      // The last column stays free: a character there makes some terminals wrap.
      .map((line) => fitLine(line, size.columns - 1));
    const bytes = redraw(
      rowsToGoUp(shown, shownColumns, size.columns),
      shown,
      lines,
      size.columns !== shownColumns,
    );
    if (bytes !== '') stream.write(`${BEGIN}${bytes}${END}`);
    shown = lines;
    shownColumns = size.columns;
  };
  const paced: Pace = pace(draw, clock);
  // The shell has written below the block meanwhile: it begins again there.
  const onContinue = (): void => {
    shown = [];
    paced.now();
  };
  process.on('SIGCONT', onContinue);
  return {
    show(next) {
      make = next;
      paced.wanted();
    },
    refresh: () => paced.wanted(),
    end(lines) {
      paced.stop();
      process.removeListener('SIGCONT', onContinue);
      const up = rowsToGoUp(shown, shownColumns, sizeOf(stream).columns);
      const text = lines.map((line) => `${line}\n`).join('');
      // The terminal itself has echoed the ^C that ended it.
      if (shown.length > 0 || text !== '') stream.write(`\r${goUp(up)}${CLEAR_BELOW}${text}`);
      shown = [];
    },
  };
}

function sizeOf({ columns, rows }: OutputStream): BlockSize {
  return {
    columns: Math.max(2, columns === undefined || columns === 0 ? USUAL.columns : columns),
    rows: Math.max(1, (rows === undefined || rows === 0 ? USUAL.rows : rows) - 1),
  };
}

/** How many lines of the terminal the block takes now: one that became narrower has wrapped them. */
function rowsToGoUp(shown: readonly FittedLine[], columnsThen: number, columns: number): number {
  if (columns >= columnsThen) return shown.length;
  return shown.reduce((sum, { width }) => sum + Math.max(1, Math.ceil(width / columns)), 0);
}

function redraw(
  up: number,
  before: readonly FittedLine[],
  lines: readonly FittedLine[],
  anew: boolean,
): string {
  const isSame =
    !anew && before.length === lines.length && lines.every(({ text }, at) => text === before[at]?.text);
  if (isSame) return '';
  if (anew) return `\r${goUp(up)}${CLEAR_BELOW}${lines.map(({ text }) => `${text}\n`).join('')}`;
  const rows = lines.map(({ text }, at) => (text === before[at]?.text ? '\n' : `${text}${CLEAR_LINE}\n`));
  return `\r${goUp(up)}${rows.join('')}${lines.length < before.length ? CLEAR_BELOW : ''}`;
}

function goUp(rows: number): string {
  return rows === 0 ? '' : `\u001b[${rows}A`;
}
