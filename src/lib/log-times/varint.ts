const LOW = 0x80;
/** As many bytes as a safe integer needs. */
const MAX_BYTES = 8;

/** Writes a whole number, not negative, in as few bytes as it needs; gives where it ends. */
export function writeVarint(target: Buffer, value: number, start: number): number {
  let at = start;
  let rest = value;
  for (; rest >= LOW; rest = Math.floor(rest / LOW)) target[at++] = (rest % LOW) + LOW;
  target[at++] = rest;
  return at;
}

/** Reads one back, with where it ends; null: it is cut off, or no such number. */
export function readVarint(
  source: Buffer,
  start: number,
): { readonly value: number; readonly end: number } | null {
  let value = 0;
  let scale = 1;
  for (let at = start; at < start + MAX_BYTES; at++) {
    const byte = source[at];
    if (byte === undefined) return null;
    value += (byte % LOW) * scale;
    if (byte < LOW) return Number.isSafeInteger(value) ? { value, end: at + 1 } : null;
    scale *= LOW;
  }
  return null;
}
