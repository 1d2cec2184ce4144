import type { PortClaim } from '../../spec/ports/port-claims.ts';

interface Claiming {
  readonly claim: PortClaim;
}

/** Numbers that are kept together: an app takes few of them that follow each other. */
const TOGETHER = 64;

/**
 * Claims by where they are, so that of those of a whole host only the ones near another have to be compared with it. Gives
 * those that may have a number in common with `claim`, in the order in which they were given.
 */
export function nearClaims<T extends Claiming>(all: readonly T[]): (claim: PortClaim) => readonly T[] {
  const places = new Map<number, number[]>();
  for (const [index, { claim }] of all.entries()) {
    for (const place of placesOf(claim)) {
      const there = places.get(place);
      if (there === undefined) places.set(place, [index]);
      else there.push(index);
    }
  }
  return (claim) => {
    const found = new Set(placesOf(claim).flatMap((place) => places.get(place) ?? []));
    return [...found].sort((one, other) => one - other).flatMap((index) => all[index] ?? []);
  };
}

function placesOf({ first, last }: PortClaim): readonly number[] {
  const from = Math.floor(first / TOGETHER);
  return Array.from({ length: Math.floor(last / TOGETHER) - from + 1 }, (_, place) => from + place);
}
