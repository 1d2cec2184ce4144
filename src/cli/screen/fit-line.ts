import { COLOR_SEQUENCE, ESCAPE, RESET } from '../views/text/colors.ts';
import { characterWidth, escapeControls } from '../views/text/text.ts';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const SEQUENCE = new RegExp(COLOR_SEQUENCE, 'uy');
const SEQUENCES_AND_CHARACTERS = new RegExp(`(${COLOR_SEQUENCE})|(.)`, 'gsu');
const TAB_STOP = 8;

/** A line as it goes to the terminal, and the columns that it takes there. */
export interface FittedLine {
  readonly text: string;
  readonly width: number;
}

/**
 * A line of a frame, made fit for a terminal of `width` columns: cut with an ellipsis, tabs as blanks, and nothing left
 * in it that steers a terminal but colours, whatever app or log it came from. `colors` false: without those too.
 */
export function fitLine(line: string, width: number, colors = true): FittedLine {
  if (line.length <= width && PRINTABLE_ASCII.test(line)) return { text: line, width: line.length };
  const safe = escapeControls(line, true);
  const cells: Cells = { text: '', width: 0, isColored: false };
  let at = 0;
  while (at < safe.length) {
    const sequence = sequenceAt(safe, at);
    if (sequence !== null) {
      if (colors) cells.text += sequence;
      cells.isColored ||= colors;
      at += sequence.length;
      continue;
    }
    const code = safe.codePointAt(at) ?? 0;
    const character =
      code === 0x09
        ? ' '.repeat(TAB_STOP - (cells.width % TAB_STOP))
        : safe.slice(at, at + (code > 0xffff ? 2 : 1));
    const taken = code === 0x09 ? character.length : characterWidth(code);
    if (cells.width + taken > width) return ended(shortened(cells, width));
    cells.text += character;
    cells.width += taken;
    at += code > 0xffff ? 2 : 1;
  }
  return ended(cells);
}

interface Cells {
  text: string;
  width: number;
  isColored: boolean;
}

function ended({ text, width, isColored }: Cells): FittedLine {
  return { text: isColored && !text.endsWith(RESET) ? `${text}${RESET}` : text, width };
}

/** Makes room for the ellipsis: the last characters go, colours stay. */
function shortened(cells: Cells, width: number): Cells {
  if (width <= 0) return { ...cells, text: '', width: 0 };
  const parts = [...cells.text.matchAll(SEQUENCES_AND_CHARACTERS)];
  let left = cells.width;
  while (left > width - 1 && parts.length > 0) {
    const last = parts.findLastIndex(([, , character]) => character !== undefined);
    if (last === -1) break;
    left -= characterWidth(parts[last]?.[2]?.codePointAt(0) ?? 0);
    parts.splice(last, 1);
  }
  return { ...cells, text: `${parts.map(([part]) => part).join('')}…`, width: left + 1 };
}

function sequenceAt(text: string, at: number): string | null {
  if (text[at] !== ESCAPE) return null;
  SEQUENCE.lastIndex = at;
  return SEQUENCE.exec(text)?.[0] ?? null;
}
