/** One word of a shell, whatever is in it. */
export function quoted(text: string): string {
  if (text.includes('\0')) throw new Error('a shell has no word with NUL in it');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
