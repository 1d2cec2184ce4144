/**
 * Random values that come again: `SEED=123 npx vitest run test/security` makes the same ones. `FUZZ_RUNS=20` tries
 * twenty times as much as the run that goes with the other tests.
 */
export const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000);

/** How many tries: `usual` with the other tests. */
export function runs(usual: number): number {
  return Math.ceil(usual * Number(process.env['FUZZ_RUNS'] ?? 1));
}

export class Random {
  #state: number;

  constructor(seed: number = SEED) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** The bytes with some of them changed, doubled, left out or swapped for something nasty. */
  mutated(bytes: Buffer): Buffer {
    let result = bytes;
    for (let times = 1 + this.below(4); times > 0; times--) {
      const at = this.below(result.length + 1);
      const end = Math.min(result.length, at + this.below(16));
      const middle = this.of([
        () => this.bytes(this.below(8)),
        () => Buffer.alloc(0),
        () => Buffer.concat([result.subarray(at, end), result.subarray(at, end)]),
        () => Buffer.from(this.of(NASTY_TEXTS)),
      ])();
      result = Buffer.concat([result.subarray(0, at), middle, result.subarray(end)]);
    }
    return result;
  }

  /** A value of JSON with one part of it taken away or replaced. */
  altered(value: unknown): unknown {
    const paths = pathsOf(value);
    const path = this.of(paths);
    const copy = JSON.parse(JSON.stringify({ root: value })) as Record<string, unknown>;
    const keys = ['root', ...path];
    const last = keys.pop() ?? 'root';
    const holder = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy) as object;
    const kind = this.next();
    if (kind < 0.1) Reflect.deleteProperty(holder, last);
    else if (kind < 0.2 && !Array.isArray(holder)) {
      const key = this.of(NASTY_KEYS);
      Object.defineProperty(holder, key, {
        value: this.of(NASTY_VALUES),
        enumerable: true,
        configurable: true,
      });
    } else Reflect.set(holder, last, this.of(NASTY_VALUES));
    return copy['root'];
  }
}

const NASTY_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '\0',
  'length',
  'then',
];

const NASTY_TEXTS = [
  '',
  '\0',
  '\r\n',
  '\n',
  '\r\n\r\n',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00',
  '%ff',
  '${HOME}',
  '$(id)',
  '(a+)+$',
  '(',
  '/(/',
  '*',
  '-1',
  '1e999',
  'NaN',
  '9'.repeat(400),
  'x'.repeat(5_000),
  '\u{1f600}'.repeat(50),
  '\ud800',
  '{"a":'.repeat(600),
  '['.repeat(3_000),
  'HTTP/1.1',
  'Transfer-Encoding: chunked',
  'Content-Length: 5',
  '"',
  '\\u0000',
];

export const NASTY_VALUES: readonly unknown[] = [
  ...NASTY_TEXTS,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  [],
  {},
  [[]],
  [null],
  { toString: 1 },
  { length: 1e9 },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  nested(400),
  Array.from({ length: 2_000 }, (_, index) => index),
];

/** As JSON; empty for what has no form there. */
export function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return text ?? '';
}

export function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Of everything in a value, itself too. */
function pathsOf(value: unknown): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner).map((path) => [key, ...path])),
  ];
}
