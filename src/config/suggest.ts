import { distance } from 'fastest-levenshtein';

/** The candidate that was probably meant by `word`: at most a third of its letters differ; two may in all but short words. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const found = edits(word.toLowerCase(), candidate.toLowerCase());
    if (found < bestDistance && found < candidate.length) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

/** Letters in another order are one slip of the fingers. */
function edits(word: string, candidate: string): number {
  const found = distance(word, candidate);
  return found === 2 && sorted(word) === sorted(candidate) ? 1 : found;
}

function sorted(word: string): string {
  return Array.from(word).toSorted().join('');
}

/** A hint for a word that is none of the candidates; the candidates themselves when there are few. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const meant = word.length > 200 ? null : nearest(word, candidates);
  if (meant !== null) return `did you mean ${meant}?`;
  return candidates.length > 0 && candidates.length <= 8 ? `known are ${candidates.join(', ')}` : undefined;
}
