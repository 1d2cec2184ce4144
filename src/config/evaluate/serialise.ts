/** What an ecosystem file in JavaScript may not hold, and where. */
export class NotPlainData extends Error {}

/** Levels and values that a result may have; the reader has the same limits. */
const MAX_DEPTH = 100;
const MAX_VALUES = 1_000_000;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
/** Root keys that are never read: whatever is in them must not matter. */
const OPAQUE = new Set(['deploy', 'static']);

interface Walk {
  readonly open: Set<object>;
  values: number;
}

/**
 * The value as JSON text. `undefined` is left out, dates become RFC 3339 and regular expressions their source;
 * functions, cycles and the like throw NotPlainData with their path.
 */
export function serialise(value: unknown): string {
  return JSON.stringify(plain(value, '', { open: new Set(), values: 0 }));
}

function plain(value: unknown, path: string, walk: Walk): unknown {
  walk.values += 1;
  if (walk.values > MAX_VALUES) throw new NotPlainData(`the file gives more than ${MAX_VALUES} values`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new NotPlainData(`${shown(path)} is ${value}, which is no number that can be declared`);
    case 'object':
      return value === null ? null : plainObject(value, path, walk);
    default:
      throw new NotPlainData(`${shown(path)} is a ${typeof value}; an ecosystem file holds data only`);
  }
}

function plainObject(value: object, path: string, walk: Walk): unknown {
  if (walk.open.has(value)) throw new NotPlainData(`${shown(path)} contains itself`);
  if (walk.open.size >= MAX_DEPTH)
    throw new NotPlainData(`${shown(path)} is more than ${MAX_DEPTH} levels deep`);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof RegExp) return value.source;
  if (value instanceof Promise) throw new NotPlainData(`${shown(path)} is a promise; await it`);
  walk.open.add(value);
  const copy = Array.isArray(value)
    ? value.filter((item) => item !== undefined).map((item, index) => plain(item, `${path}[${index}]`, walk))
    : plainMap(value, path, walk);
  walk.open.delete(value);
  return copy;
}

function plainMap(value: object, path: string, walk: Walk): unknown {
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    if (FORBIDDEN.has(key)) throw new NotPlainData(`${shown(path)} has the key ${key}, which is not allowed`);
    const inner: unknown = path === '' && OPAQUE.has(key) ? {} : (value as Record<string, unknown>)[key];
    const copy = plain(inner, path === '' ? key : `${path}.${key}`, walk);
    if (copy !== undefined) entries.push([key, copy]);
  }
  return Object.fromEntries(entries);
}

function shown(path: string): string {
  return path === '' ? 'what the file exports' : path;
}
