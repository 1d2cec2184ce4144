/**
 * Splits a command line on blanks, with quotes and backslashes as a shell has them, and nothing else of a shell:
 * no variables, no globs. `a "b c" d\ e` gives `a`, `b c`, `d e`.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  // null: between words; an empty text is a word (`""`).
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    const escaped: boolean = char === '\\' && isEscape(quote, text.charAt(at + 1));
    if (escaped) {
      at += 1;
      word = `${word ?? ''}${text.charAt(at)}`;
    } else if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === quote) {
      quote = null;
    } else if (quote === null && (char === '"' || char === "'")) {
      quote = char;
      word ??= '';
    } else {
      word = `${word ?? ''}${char}`;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

/** Outside quotes a backslash takes the next character as it is, in double quotes only `"` and itself. */
function isEscape(quote: string | null, next: string): boolean {
  if (next === '' || quote === "'") return false;
  return quote === null || next === '"' || next === '\\';
}
