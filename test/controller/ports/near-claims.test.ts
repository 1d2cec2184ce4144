import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearClaims } from '../../../src/controller/ports/near-claims.ts';
import { commonPorts, type PortClaim } from '../../../src/spec/ports/port-claims.ts';

const claim = fc
  .record({
    first: fc.integer({ min: 1, max: 65_535 }),
    more: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  })
  .map(({ first, more, protocol }): PortClaim => ({
    ...{ name: 'http', index: 0, host: null, isShared: false },
    ...{ first, last: Math.min(65_535, first + more), protocol },
  }));

test('every claim that has a number in common with another is near it, in the order of all', () => {
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 60 }), claim, (claims, asked) => {
      const all = claims.map((one, index) => ({ claim: one, index }));
      const meet = (list: typeof all) => list.filter((one) => commonPorts(asked, one.claim) !== null);
      expect(meet([...nearClaims(all)(asked)])).toEqual(meet(all));
    }),
  );
});

test('of many claims that follow each other only a few are near one', () => {
  const all = Array.from({ length: 5_000 }, (_, index) => ({
    claim: { name: 'http', index: 0, first: 10_000 + index, last: 10_000 + index, host: null } as PortClaim,
  }));
  const near = nearClaims(all);
  expect(Math.max(...all.map(({ claim: one }) => near(one).length))).toBeLessThanOrEqual(64);
});
