import { withoutColors } from '../../views/text/colors.ts';
import { displayWidth } from '../../views/text/text.ts';

/** A line in pieces of at most `columns`; one that is cut loses its colours, which do not go over to the next piece. */
export function wrapped(text: string, columns: number): readonly string[] {
  if (displayWidth(text) <= columns) return [text];
  const pieces: string[] = [];
  let piece = '';
  let width = 0;
  for (const character of withoutColors(text)) {
    const taken = displayWidth(character);
    if (width + taken > columns) {
      pieces.push(piece);
      piece = '  ';
      width = 2;
    }
    piece += character;
    width += taken;
  }
  return [...pieces, piece];
}

/** How a screen of lines that were looked up shows them. */
export function wrappedLines(lines: readonly string[], columns: number): readonly string[] {
  return lines.flatMap((line) => wrapped(line, columns));
}
