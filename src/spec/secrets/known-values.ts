/**
 * Values that were read for variables of apps, in this process and nowhere else: no spec holds them, and what an app or a
 * program says may. The newest are kept; a value that was rotated away is a secret still.
 */
const KNOWN = new Set<string>();
const MOST = 2_000;
/** A value whose variable says that it is a secret is looked for from this length on. */
export const LEAST_HIDDEN = 4;
/** Values that are too short, or too much like words, to be looked for wherever they might be. */
export const WORTH_LOOKING = /^(?=.*[\d\W_]).{8,}$|^.{20,}$/s;
let longestFirst: readonly string[] = [];

/** A line of a key, a certificate, a list of tokens; not what a file says around them (`-----BEGIN`, `key: value`). */
const LINE_WORTH_LOOKING = /^(?!-----)\S{16,}$/;

/**
 * From now on the value is in no text that is shown, nor are the lines of one that has several: logs are shown line by
 * line. `isSecret`: its variable says that it is one, also if it is short.
 */
export function hideValue(value: string, isSecret: boolean): void {
  const isHidden = WORTH_LOOKING.test(value) || (isSecret && value.length >= LEAST_HIDDEN);
  if (!isHidden || KNOWN.has(value)) return;
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  for (const hidden of lines.length > 1 ? [...lines.filter(isWorthLooking), value] : [value])
    KNOWN.add(hidden);
  for (const oldest of KNOWN) {
    if (KNOWN.size <= MOST) break;
    KNOWN.delete(oldest);
  }
  longestFirst = [...KNOWN].sort((a, b) => b.length - a.length);
}

function isWorthLooking(line: string): boolean {
  return LINE_WORTH_LOOKING.test(line);
}

/** The text with `mark` in the place of every value that is hidden. */
export function withoutHidden(text: string, mark: string): string {
  return longestFirst.reduce((left, value) => left.replaceAll(value, mark), text);
}
