import { cutTo, displayWidth } from '../../views/text/text.ts';
import type { Paint, Style } from '../../views/text/terminal.ts';

/** What a frame is painted with. */
export interface Look {
  readonly style: Style;
}

/** A piece of a line that takes exactly `width` columns. */
export function cell(text: string, width: number, align: 'left' | 'right' = 'left', paint?: Paint): string {
  const cut = cutTo(text, width);
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  const painted = paint === undefined ? cut : paint(cut);
  return align === 'left' ? painted + blanks : blanks + painted;
}

/** The line of the cursor: turned colours where there are any; its mark says it without. */
export function inverse(line: string, { enabled }: Style): string {
  return enabled ? `\u001b[7m${line}\u001b[27m` : line;
}

/** `── title ───────`. */
export function rule(title: string, width: number, { style }: Look): string {
  const head = `── ${cutTo(title, Math.max(1, width - 6))} `;
  return (
    style.dim('── ') +
    style.bold(cutTo(title, Math.max(1, width - 6))) +
    style.dim(` ${'─'.repeat(Math.max(0, width - displayWidth(head)))}`)
  );
}
