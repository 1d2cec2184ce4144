/**
 * How well what was typed fits a name: its letters in their order, the better the closer together and the nearer to the
 * beginnings of words. null: it does not.
 */
export function fit(typed: string, name: string): number | null {
  const wanted = typed.toLowerCase().replaceAll(' ', '');
  const text = name.toLowerCase();
  let score = 0;
  let at = -1;
  for (const letter of wanted) {
    const found = text.indexOf(letter, at + 1);
    if (found === -1) return null;
    const isStart = found === 0 || /[\s/_.:-]/.test(text[found - 1] ?? '');
    score += (found === at + 1 ? 6 : 0) + (isStart ? 4 : 0) - Math.min(4, found - at - 1);
    at = found;
  }
  return score - text.length / 50;
}

/** What fits, the best first; everything, as it stands, when nothing was typed. */
export function best<T>(typed: string, items: readonly T[], nameOf: (item: T) => string): readonly T[] {
  if (typed.trim() === '') return items;
  return items
    .map((item) => ({ item, score: fit(typed, nameOf(item)) }))
    .filter((one): one is { item: T; score: number } => one.score !== null)
    .sort((one, other) => other.score - one.score)
    .map(({ item }) => item);
}
