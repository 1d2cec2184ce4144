/** What an ecosystem file in JavaScript may not hold, and where: keys and indices from what it exports. */
export class NotPlainData extends Error {
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], problem: string) {
    super(`${shown(path)} ${problem}`);
    this.path = [...path];
  }
}

/** Levels and values that a result may have; the reader has the same limits. */
const MAX_DEPTH = 100;
const MAX_VALUES = 1_000_000;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
/** Root keys that no app is made of: whatever is in them must not matter. */
const OPAQUE = new Set(['deploy']);

interface Walk {
  readonly open: Set<object>;
  /** Keys and indices down to the value that is looked at. */
  readonly path: (string | number)[];
  values: number;
}

/**
 * The value as JSON text. `undefined` is left out, dates become RFC 3339, URLs and regular expressions their text;
 * functions, cycles and the like throw NotPlainData with their path.
 */
export function serialise(value: unknown): string {
  return JSON.stringify(plain(value, { open: new Set(), path: [], values: 0 }));
}

function plain(value: unknown, walk: Walk): unknown {
  walk.values += 1;
  if (walk.values > MAX_VALUES) throw new NotPlainData([], `gives more than ${MAX_VALUES} values`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new NotPlainData(walk.path, `is ${value}, which is not a number that can be declared`);
    case 'object':
      return value === null ? null : plainObject(value, walk);
    default:
      throw new NotPlainData(walk.path, `is a ${typeof value}; an ecosystem file holds data only`);
  }
}

function plainObject(value: object, walk: Walk): unknown {
  if (walk.open.has(value)) throw new NotPlainData(walk.path, 'contains itself');
  if (walk.open.size >= MAX_DEPTH)
    throw new NotPlainData(walk.path.slice(0, 3), `is more than ${MAX_DEPTH} levels deep`);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof RegExp) return value.source;
  if (value instanceof URL) return value.href;
  if (value instanceof Promise) throw new NotPlainData(walk.path, 'is a promise; await it');
  if (hidesData(value)) {
    throw new NotPlainData(walk.path, `is a ${value.constructor.name}; an ecosystem file holds data only`);
  }
  walk.open.add(value);
  const copy = Array.isArray(value)
    ? value.filter((item) => item !== undefined).map((item, index) => below(index, item, walk))
    : plainMap(value, walk);
  walk.open.delete(value);
  return copy;
}

/** Whether what an object holds is not in its keys, so that nothing of it would be left: a Map, a Set, bytes. */
function hidesData(value: object): boolean {
  if (ArrayBuffer.isView(value) || value instanceof Map || value instanceof Set) return true;
  if (Array.isArray(value) || Object.keys(value).length > 0) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A `{}` of another realm is plain too: its prototype has none above it.
  return typeof prototype === 'object' && prototype !== null && Object.getPrototypeOf(prototype) !== null;
}

function plainMap(value: object, walk: Walk): unknown {
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    if (FORBIDDEN.has(key)) throw new NotPlainData(walk.path, `has the key ${key}, which is not allowed`);
    const isOpaque = walk.path.length === 0 && OPAQUE.has(key);
    const inner = (value as Record<string, unknown>)[key];
    const copy = isOpaque ? aside(inner, walk) : below(key, inner, walk);
    if (copy !== undefined) entries.push([key, copy]);
  }
  return Object.fromEntries(entries);
}

/** What may hold anything: it is there when it is data, and empty when it is not. */
function aside(value: unknown, { values }: Walk): unknown {
  try {
    return plain(value, { open: new Set(), path: [], values });
  } catch {
    return {};
  }
}

function below(step: string | number, value: unknown, walk: Walk): unknown {
  walk.path.push(step);
  const copy = plain(value, walk);
  walk.path.pop();
  return copy;
}

function shown(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'what the file exports';
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}
