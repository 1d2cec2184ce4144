const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  s: ' ',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
};

/**
 * Words as systemd splits them: at blanks, with quotes around whole words, and escapes as in C. A backslash before
 * anything else stays.
 */
export function systemdWords(text: string): readonly string[] {
  const words: string[] = [];
  // null: between words.
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') {
      const next = text.charAt(at + 1);
      const hex = /^x([0-9a-fA-F]{2})/.exec(text.slice(at + 1));
      if (hex !== null) {
        word = `${word ?? ''}${String.fromCharCode(Number.parseInt(hex[1] ?? '0', 16))}`;
        at += 3;
      } else {
        word = `${word ?? ''}${ESCAPES[next] ?? (/["'\\ ]/.test(next) ? next : `\\${next}`)}`;
        at += 1;
      }
    } else if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === quote) quote = null;
    else if (quote === null && (char === '"' || char === "'")) {
      quote = char;
      word ??= '';
    } else word = `${word ?? ''}${char}`;
  }
  if (word !== null) words.push(word);
  return words;
}
