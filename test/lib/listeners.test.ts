import { describe, expect, it } from 'vitest';
import { Listeners } from '../../src/lib/listeners.ts';

describe('listeners', () => {
  it('are all told, in their order, also when one of them throws', () => {
    const problems: unknown[] = [];
    const listeners = new Listeners<string>((error) => problems.push(error));
    const told: string[] = [];
    const broken = new Error('broken');
    listeners.add((what) => told.push(`first ${what}`));
    listeners.add(() => {
      throw broken;
    });
    listeners.add((what) => told.push(`third ${what}`));
    listeners.tell('news');
    expect(told).toEqual(['first news', 'third news']);
    expect(problems).toEqual([broken]);
  });

  it('end one by one, also where the same function was added twice', () => {
    const listeners = new Listeners<number>(() => undefined);
    const told: number[] = [];
    const listener = (what: number): void => void told.push(what);
    const end = listeners.add(listener);
    listeners.add(listener);
    listeners.tell(1);
    end();
    end();
    listeners.tell(2);
    expect(told).toEqual([1, 1, 2]);
  });

  it('are not told any more once somebody has ended them, be it in the midst of the telling', () => {
    const listeners = new Listeners<number>(() => undefined);
    const told: number[] = [];
    listeners.add(() => end());
    const end = listeners.add((what) => told.push(what));
    listeners.tell(1);
    expect(told).toEqual([]);
  });
});
