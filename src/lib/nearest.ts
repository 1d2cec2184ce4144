const MAX_SUGGESTIONS = 3;
/** Longer texts are not slips of the finger, and comparing them costs. */
const MAX_LENGTH = 100;
/** In a word as short as this, two edits make another word. */
const SHORT = 4;
/** The most names that are listed in full. */
const MAX_KNOWN = 8;

/** The name that `word` was probably meant to be, the first of those that are equally near; null when none is near. */
export function nearest(word: string, names: readonly string[]): string | null {
  const limit = word.length <= SHORT ? 1 : Math.max(2, Math.floor(word.length / 3));
  const near = distances(word, names).filter(({ name, edits }) => edits <= limit && edits < name.length);
  return near.toSorted((one, other) => one.edits - other.edits)[0]?.name ?? null;
}

/** Names that were probably meant: few letters away, or begun alike; the closest first, at most three. */
export function closestNames(word: string, names: readonly string[]): readonly string[] {
  const limit = Math.max(1, Math.floor(word.length / 3));
  return distances(word, [...new Set(names)])
    .filter(({ name, edits }) => edits <= limit || (word.length >= 3 && name.startsWith(word)))
    .sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** A hint for a word that is not one of the names: the one that was meant, or all of them when they are few. */
export function didYouMean(word: string, names: readonly string[]): string | undefined {
  const meant = nearest(word, names);
  if (meant !== null) return `did you mean ${meant}?`;
  return names.length > 0 && names.length <= MAX_KNOWN ? `known are ${names.join(', ')}` : undefined;
}

function distances(
  word: string,
  names: readonly string[],
): readonly { readonly name: string; readonly edits: number }[] {
  if (word.length > MAX_LENGTH) return [];
  return names
    .filter((name) => name.length <= MAX_LENGTH)
    .map((name) => ({ name, edits: editDistance(word.toLowerCase(), name.toLowerCase()) }));
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one to the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, at(beforeLast, j - 2) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
