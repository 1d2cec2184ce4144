import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, canonicalParts } from '../../../src/lib/values/canonical-json.ts';

/** The same in a few words, at several times the cost. Hashes that are stored depend on it. */
function reference(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const key = fc.oneof(
  fc.string(),
  fc.nat().map(String),
  fc.constantFrom('__proto__', '10', '9', '01', '-1', '4294967295', 'a'),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constantFrom(null, undefined)),
    fc.array(tie('json')),
    fc.dictionary(key, tie('json')),
  ),
}));

describe('canonical JSON', () => {
  it('is the text with its keys sorted, whatever the value', () => {
    fc.assert(
      fc.property(fc.array(json), (values) => {
        expect(canonicalJson(values)).toBe(reference(values));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same for the same fields in any order, and tells others with as many keys apart', () => {
    expect(
      canonicalJson([
        { b: 1, a: { d: 2, c: 3 } },
        { c: 1, a: 2 },
        { b: 1, a: 2 },
      ]),
    ).toBe('[{"a":{"c":3,"d":2},"b":1},{"a":2,"c":1},{"a":2,"b":1}]');
  });

  it('leaves its value as it is', () => {
    const value = { b: [{ d: 1, c: 2 }], a: 1 };
    canonicalJson(value);
    expect(JSON.stringify(value)).toBe('{"b":[{"d":1,"c":2}],"a":1}');
  });
});

describe('canonical JSON in parts', () => {
  it('is the same text, however deep it is taken apart', () => {
    fc.assert(
      fc.property(json, fc.nat(4), (value, depth) => {
        expect([...canonicalParts([value], depth)].join('')).toBe(canonicalJson([value]));
      }),
      { numRuns: 500 },
    );
  });
});
