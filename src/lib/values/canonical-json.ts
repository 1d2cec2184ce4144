/**
 * JSON with sorted keys and without `undefined`: two values that mean the same give the same text, whatever the
 * order in which they were written. The input of every hash and of every comparison by value. For values that JSON has.
 */
export function canonicalJson(value: unknown): string {
  if (!isObject(value)) return JSON.stringify(value);
  // What is nested deeper is written part by part: a copy of all of it would live long enough to cost as much again.
  if (!childrenOf(value).some(hasObjects)) return JSON.stringify(inOrder(value));
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item) ?? 'null').join(',')}]`;
  const fields = sortedKeys(Object.keys(value)).flatMap((key) => {
    const text = textOf(value[key]);
    return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`];
  });
  return `{${fields.join(',')}}`;
}

/** The same text part by part: what is in `depth` levels of lists and maps is a part for each item. */
export function* canonicalParts(value: unknown, depth: number): Generator<string, void, undefined> {
  if (depth === 0 || !isObject(value)) {
    yield canonicalJson(value);
    return;
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  let before = open;
  for (const [name, item] of Array.isArray(value) ? listed(value) : named(value)) {
    yield `${before}${name}`;
    yield* canonicalParts(item, depth - 1);
    before = ',';
  }
  yield before === open ? `${open}${close}` : close;
}

function* listed(items: readonly unknown[]): Generator<readonly ['', unknown]> {
  for (const item of items) yield ['', item ?? null];
}

function* named(fields: Fields): Generator<readonly [string, unknown]> {
  for (const key of sortedKeys(Object.keys(fields))) {
    if (fields[key] !== undefined) yield [`${JSON.stringify(key)}:`, fields[key]];
  }
}

type Fields = Record<string, unknown>;

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : canonicalJson(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function childrenOf(value: Fields): readonly unknown[] {
  return Array.isArray(value) ? value : Object.values(value);
}

function hasObjects(value: unknown): boolean {
  return isObject(value) && childrenOf(value).some(isObject);
}

/** The value itself where it is in order already. */
function inOrder(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) return value.some(isObject) ? value.map(inOrder) : value;
  const keys = Object.keys(value);
  const sorted = sortedKeys(keys);
  if (sorted === keys && !keys.some((key) => isObject(value[key]))) return value;
  const copy: Fields = {};
  for (const key of sorted) put(copy, key, inOrder(value[key]));
  return copy;
}

function put(fields: Fields, key: string, value: unknown): void {
  if (key !== '__proto__') fields[key] = value;
  else Object.defineProperty(fields, key, { value, enumerable: true });
}

/** By their number, the keys that were sorted last. The specs of many apps have the same keys in the same order. */
const LAST = new Map<number, { readonly keys: readonly string[]; readonly sorted: readonly string[] }>();
const MAX_REMEMBERED = 200;

/** In the order that an object has them: whole numbers first, by their size. */
function sortedKeys(keys: readonly string[]): readonly string[] {
  if (isSorted(keys)) return keys;
  const last = LAST.get(keys.length);
  if (last !== undefined && isSame(keys, last.keys)) return last.sorted;
  const sorted = Object.keys(Object.fromEntries(keys.toSorted().map((key) => [key, null])));
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
