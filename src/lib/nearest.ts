const MAX_SUGGESTIONS = 3;
/** Longer texts are not slips of the finger, and comparing them costs. */
const MAX_LENGTH = 100;

/** Names that were probably meant: few letters away, or begun alike; the closest first, at most three. */
export function closestNames(word: string, names: readonly string[]): readonly string[] {
  if (word.length > MAX_LENGTH) return [];
  const allowed = Math.max(1, Math.floor(word.length / 3));
  const scored = [...new Set(names)]
    .filter((name) => name.length <= MAX_LENGTH)
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= allowed || (word.length >= 3 && name.startsWith(word)));
  return scored
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
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
