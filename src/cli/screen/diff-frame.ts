import { fitLine } from './fit-line.ts';

/** What is on the terminal, line by line, as it was written. */
export type ShownFrame = readonly string[];

export interface FrameDiff {
  readonly shown: ShownFrame;
  /** What brings the terminal there; empty: it is there. */
  readonly bytes: string;
}

const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const CLEAR_LINE = '\u001b[K';

/** The way from one frame to the next: only the lines that differ are written. `before` null: nothing is known to be there. */
export function diffFrame(
  before: ShownFrame | null,
  lines: readonly string[],
  { columns, rows, colors }: { readonly columns: number; readonly rows: number; readonly colors: boolean },
): FrameDiff {
  const fitted = Array.from({ length: rows }, (_, at) => fitLine(lines[at] ?? '', columns, colors));
  const shown = fitted.map(({ text }) => text);
  const writes = fitted.flatMap(({ text, width }, at) =>
    before?.[at] === text
      ? []
      : // In the last column there is nothing to clear, and some terminals would clear what was just written.
        [`\u001b[${at + 1};1H${text}${width < columns ? CLEAR_LINE : ''}`],
  );
  const clear = before === null ? '\u001b[2J' : '';
  return { shown, bytes: writes.length === 0 ? '' : `${BEGIN}${clear}${writes.join('')}${END}` };
}
