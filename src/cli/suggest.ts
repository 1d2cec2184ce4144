import { distance } from 'fastest-levenshtein';

/** In a word as short as this, two edits make another word. */
const SHORT = 4;

/** The candidate that `input` was probably meant to be, or undefined when none is near. */
export function nearest(input: string, candidates: readonly string[]): string | undefined {
  const limit = input.length <= SHORT ? 1 : Math.max(2, Math.floor(input.length / 3));
  let best: { readonly candidate: string; readonly edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(input, candidate);
    if (edits <= limit && edits < candidate.length && (best === undefined || edits < best.edits)) {
      best = { candidate, edits };
    }
  }
  return best?.candidate;
}
