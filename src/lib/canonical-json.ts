/**
 * JSON with sorted keys and without `undefined`: two values that mean the same give the same text, whatever the
 * order in which they were written. The input of every hash and of every comparison by value. For values that JSON has.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

type Fields = Record<string, unknown>;

/** The value itself where it is in order already. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.some(isObject) ? value.map(inOrder) : value;
  const fields = value as Fields;
  const keys = Object.keys(fields);
  const sorted = sortedKeys(keys);
  if (sorted === keys && !keys.some((key) => isObject(fields[key]))) return value;
  const copy: Fields = {};
  for (const key of sorted) put(copy, key, inOrder(fields[key]));
  return copy;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function put(fields: Fields, key: string, value: unknown): void {
  if (key !== '__proto__') fields[key] = value;
  else Object.defineProperty(fields, key, { value, enumerable: true });
}

/** By their number, the keys that were sorted last. The specs of many apps have the same keys in the same order. */
const LAST = new Map<number, { readonly keys: readonly string[]; readonly sorted: readonly string[] }>();

const MAX_REMEMBERED = 200;

function sortedKeys(keys: readonly string[]): readonly string[] {
  if (isSorted(keys)) return keys;
  const last = LAST.get(keys.length);
  if (last !== undefined && isSame(keys, last.keys)) return last.sorted;
  const sorted = keys.toSorted();
  if (keys.length <= MAX_REMEMBERED) LAST.set(keys.length, { keys, sorted });
  return sorted;
}

function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return false;
  }
  return true;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
