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

/** Whether a text has nothing but blanks and comments that are closed. */
export function isBlank(text: string): boolean {
  return skipBlank(text, 0) === text.length && !/\/\*(?![^]*\*\/)/.test(text);
}

/** Whether brackets outside of texts and comments nest deeper than `limit`: parsers recurse. */
export function nestsDeeper(text: string, limit: number): boolean {
  // Regular expressions find the next character that matters many times faster than a loop that has just been loaded.
  const mark = /["/[\]{}]/g;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    const [char] = found;
    if (char === '[' || char === '{') depth += 1;
    if (char === ']' || char === '}') depth -= 1;
    if (depth > limit) return true;
    if (char === '/') mark.lastIndex = commentEnd(text, found.index) ?? mark.lastIndex;
    if (char === '"') mark.lastIndex = textEnd(text, mark.lastIndex);
  }
  return false;
}

/** The end of the text in double quotes whose first character is at `from`, or of its line. */
function textEnd(text: string, from: number): number {
  const mark = /["\\\n]/g;
  mark.lastIndex = from;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] !== '\\') return mark.lastIndex;
    mark.lastIndex += 1;
  }
  return text.length;
}
