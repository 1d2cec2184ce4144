export const NEWLINE = 0x0a;

/** Lines of a buffer: where each begins, and where its newline is, or the buffer ends. */
export interface LineBounds {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** The lines between two places of a buffer, the first `most` of them; what follows the last newline is one too, unless it is empty. */
export function linesOf(bytes: Buffer, from: number, to: number, most = Infinity): LineBounds {
  const starts: number[] = [];
  const ends: number[] = [];
  let start = from;
  for (let at = bytes.indexOf(NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, start)) {
    starts.push(start);
    ends.push(at);
    start = at + 1;
    if (starts.length === most) return { starts, ends };
  }
  if (start < to) {
    starts.push(start);
    ends.push(to);
  }
  return { starts, ends };
}

export function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
