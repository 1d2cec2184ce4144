import { describe, expect, it } from 'vitest';
import { atOnce, mapPieces, type Pieces } from '../../../src/lib/turns/pieces.ts';
import { inTurns, Turns } from '../../../src/lib/turns/turns.ts';

/** Work of so many milliseconds a piece, on a clock that only it moves, and how long each turn of the loop was held. */
function held(pieces: number, each: number) {
  let now = 0;
  let begun = 0;
  const turns: number[] = [];
  const endTurn = (): void => {
    turns.push(now - begun);
    begun = now;
  };
  const later = (callback: () => void): void => {
    endTurn();
    setImmediate(callback);
  };
  const work = mapPieces(Array.from({ length: pieces }).keys(), (item) => {
    now += each;
    return item * 2;
  });
  return { turns, endTurn, done: () => inTurns(work, new Turns(() => now, later)) };
}

describe('work in pieces', () => {
  it('gives the same at once and in turns', async () => {
    const doubled = [0, 2, 4, 6];
    expect(atOnce(mapPieces([0, 1, 2, 3], (item) => item * 2))).toEqual(doubled);
    expect(await held(4, 10).done()).toEqual(doubled);
  });

  it('holds the event loop no longer however many pieces there are', async () => {
    const longest = await Promise.all(
      [100, 10_000].map(async (pieces) => {
        const { turns, endTurn, done } = held(pieces, 1);
        await done();
        endTurn();
        return Math.max(...turns);
      }),
    );
    expect(longest).toEqual([5, 5]);
  });

  it('fails where a piece does', async () => {
    function* failing(): Pieces<never> {
      yield;
      throw new Error('the second piece');
    }
    expect(() => atOnce(failing())).toThrow('the second piece');
    await expect(inTurns(failing())).rejects.toThrow('the second piece');
  });
});
