export const ESCAPE = '\u001b';
/** Ends every colour. */
export const RESET = `${ESCAPE}[0m`;
/** Source of a pattern: a sequence that sets colours, and does nothing else to a terminal. */
export const COLOR_SEQUENCE = `${ESCAPE}\\[[0-9;:]*m`;

const SEQUENCES = new RegExp(`(${COLOR_SEQUENCE})`, 'u');

/** What stands before, between and behind the sequences that colour a text; those are every other part, from the second on. */
export function splitColors(text: string): readonly string[] {
  return text.includes(ESCAPE) ? text.split(SEQUENCES) : [text];
}

/** A text with `change` made to all of it but the sequences that colour it. */
export function betweenColors(text: string, change: (part: string) => string): string {
  return splitColors(text)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');
}

export function withoutColors(text: string): string {
  return splitColors(text)
    .filter((_, index) => index % 2 === 0)
    .join('');
}
