import { describe, expect, test } from 'vitest';
import { Turns } from '../../../src/lib/turns/turns.ts';

/** A loop whose turns are taken by hand, and a clock that only work moves. */
function loop() {
  let now = 0;
  const due: (() => void)[] = [];
  const turns = new Turns(
    () => now,
    (callback) => void due.push(callback),
  );
  return {
    turns,
    work: (ms: number) => void (now += ms),
    turn: async () => {
      const callbacks = due.splice(0);
      for (const callback of callbacks) callback();
      await new Promise((resolve) => setImmediate(resolve));
      return callbacks.length;
    },
  };
}

describe('work that shares the event loop', () => {
  test('goes on without waiting while little time has passed in its turn', async () => {
    const { turns, work, turn } = loop();
    void turns.next();
    await turn();
    work(4);
    expect(turns.isOver).toBe(false);
    work(1);
    expect(turns.isOver).toBe(true);
  });

  test('of many who wait one goes on in each turn of the loop, in the order in which they came', async () => {
    const { turns, work, turn } = loop();
    const done: number[] = [];
    const workers = [1, 2, 3].map(async (number) => {
      await turns.next();
      work(20);
      done.push(number);
    });
    await turn();
    expect(done).toEqual([1]);
    await turn();
    expect(done).toEqual([1, 2]);
    await turn();
    await Promise.all(workers);
    expect(done).toEqual([1, 2, 3]);
    expect(await turn()).toBe(0);
  });

  test('who comes while others wait stands behind them', async () => {
    const { turns, turn } = loop();
    void turns.next();
    void turns.next();
    await turn();
    expect(turns.isOver).toBe(true);
    await turn();
    expect(turns.isOver).toBe(false);
  });
});
