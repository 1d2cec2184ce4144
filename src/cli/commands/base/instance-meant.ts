/** Whether an instance of an app of these names is meant: where every word names one instance, only those are. */
export function isMeant(
  words: readonly string[],
  names: readonly string[],
  { id, slot }: { readonly id: number; readonly slot: number },
): boolean {
  if (words.length === 0 || !words.every((word) => /^\d+$|:\d+$/.test(word))) return true;
  const own = [String(id), ...names, ...names.map((name) => `${name}:${slot}`)];
  return words.some((word) => own.includes(word));
}
