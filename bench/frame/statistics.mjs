/** Middle of the sorted values: of an even number, the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Median with spread; null: there are no values. */
export function spread(values) {
  if (values === undefined || values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), count: values.length };
}

/**
 * `combine` pair by pair where both were measured in turn, so that a slow moment of the machine hits both halves of a
 * pair; else each value of the first with the median of the second.
 */
export function pairwise(first, second, combine) {
  if (!first?.length || !second?.length) return [];
  const middle = median(second);
  const inTurn = first.length === second.length;
  return first.map((value, index) => combine(value, inTurn ? second[index] : middle));
}
