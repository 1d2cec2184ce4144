import { isSecretName } from './secret-names.ts';

/**
 * Values that were read for variables of apps, in this process and nowhere else: no spec holds them, and what an app or a
 * program says may. The newest are kept; a value that was rotated away is a secret still.
 */
const KNOWN = new Set<string>();
const MOST = 2_000;
const LEAST = 4;
/** Values that are too short, or too much like words, to be looked for wherever they might be. */
const WORTH_LOOKING = /^(?=.*[\d\W_]).{8,}$|^.{20,}$/s;
let longestFirst: readonly string[] = [];

/** From now on the value is in no text that is shown. */
export function hideValue(name: string, value: string): void {
  const isHidden = WORTH_LOOKING.test(value) || (isSecretName(name) && value.length >= LEAST);
  if (!isHidden || KNOWN.has(value)) return;
  KNOWN.add(value);
  const [oldest] = KNOWN;
  if (KNOWN.size > MOST && oldest !== undefined) KNOWN.delete(oldest);
  longestFirst = [...KNOWN].sort((a, b) => b.length - a.length);
}

/** The text with `mark` in the place of every value that is hidden. */
export function withoutHidden(text: string, mark: string): string {
  return longestFirst.reduce((left, value) => left.replaceAll(value, mark), text);
}
