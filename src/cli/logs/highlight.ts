/** What sets colours: it stays whole, and is not looked into. */
const SGR = /(\u001b\[[0-9;:]*m)/; // eslint-disable-line no-control-regex -- this is what it is about
const ON = '\u001b[7m';
const OFF = '\u001b[27m';

/** Marks what matches in a text that may have colours of its own; `pattern` has the flag `g`. */
export function highlight(text: string, pattern: RegExp): string {
  return text
    .split(SGR)
    .map((piece, index) =>
      index % 2 === 1
        ? piece
        : piece.replace(pattern, (found) => (found === '' ? '' : `${ON}${found}${OFF}`)),
    )
    .join('');
}

/** What is marked: the words as they are, and what is searched for. null: nothing. */
export function highlighted(words: readonly string[], expressions: readonly string[]): RegExp | null {
  const literal = words
    .filter((word) => word !== '')
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const all = [...literal, ...expressions.map((expression) => `(?:${expression})`)];
  return all.length === 0 ? null : new RegExp(all.join('|'), 'g');
}
