import { betweenColors } from '../views/text/colors.ts';

const ON = '\u001b[7m';
const OFF = '\u001b[27m';

/** Marks what matches in a text that may have colours of its own; `pattern` has the flag `g`. */
export function highlight(text: string, pattern: RegExp): string {
  return betweenColors(text, (part) =>
    part.replace(pattern, (found) => (found === '' ? '' : `${ON}${found}${OFF}`)),
  );
}

/** What is marked: the words as they are, and what is searched for. null: nothing. */
export function highlighted(words: readonly string[], expressions: readonly string[]): RegExp | null {
  const literal = words
    .filter((word) => word !== '')
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const all = [...literal, ...expressions.map((expression) => `(?:${expression})`)];
  return all.length === 0 ? null : new RegExp(all.join('|'), 'g');
}
