/** Where the text goes on after the blanks and comments that start at `at`. Linear, whatever the text. */
function skipBlank(text: string, at: number): number {
  let next = at;
  for (;;) {
    while (next < text.length && /\s/.test(text.charAt(next))) next += 1;
    const end = commentEnd(text, next);
    if (end === null) return next;
    next = end;
  }
}

/** The end of the comment that starts here (of the text when it is not closed), or null when none does. */
function commentEnd(text: string, at: number): number | null {
  const close = text.startsWith('//', at) ? '\n' : text.startsWith('/*', at) ? '*/' : null;
  if (close === null) return null;
  const end = text.indexOf(close, at + 2);
  return end === -1 ? text.length : end + close.length;
}

/** Whether the first thing in a text is a JSON list or map. */
export function startsLikeJson(text: string): boolean {
  return /[[{]/.test(text.charAt(skipBlank(text, 0)));
}

/** Whether brackets outside of texts and comments nest deeper than `limit`: parsers recurse. */
export function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at);
    if (char === '[' || char === '{') depth += 1;
    if (char === ']' || char === '}') depth -= 1;
    if (depth > limit) return true;
    at = char === '"' ? textEnd(text, at) : char === '/' ? (commentEnd(text, at) ?? at + 1) : at + 1;
  }
  return false;
}

/** The end of the text in double quotes that starts here, or of its line. */
function textEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"' || char === '\n') return at + 1;
    if (char === '\\') at += 1;
  }
  return text.length;
}
