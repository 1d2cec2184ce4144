/** Whether a text fits a pattern, in which `*` stands for any text. Time grows with both lengths, and no further. */
export function fits(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  const last = rest.at(-1) ?? '';
  for (const part of rest.slice(0, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

export function fitsOne(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fits(text, pattern));
}
