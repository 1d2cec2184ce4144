import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../src/lib/values/canonical-json.ts';
import { sameValue } from '../../../src/lib/values/same-value.ts';

const values = fc.jsonValue({ maxDepth: 3 });

/** The same value with every key written in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, inner]) => [key, turned(inner)]));
}

test('says what comparing canonical texts says', () => {
  const small = fc.jsonValue({ maxDepth: 1, stringUnit: fc.constantFrom('a', 'b', '__proto__') });
  fc.assert(
    fc.property(small, small, (one, other) => {
      expect(sameValue(one, other)).toBe(canonicalJson(one) === canonicalJson(other));
    }),
    { numRuns: 2_000 },
  );
});

test('does not mind the order of keys', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(sameValue(value, turned(value))).toBe(true);
    }),
  );
});

test.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: undefined }, { b: undefined }, true],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: null }, {}, false],
  [{ constructor: 1 }, {}, false],
  [{}, [], false],
  [[], {}, false],
  [[1, 2], [2, 1], false],
  [null, {}, false],
  [0, '0', false],
])('%j and %j: %s', (one, other, same) => {
  expect(sameValue(one, other)).toBe(same);
});
