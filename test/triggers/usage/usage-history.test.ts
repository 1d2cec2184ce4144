import { describe, expect, it } from 'vitest';
import { UsageHistory } from '../../../src/triggers/usage/usage-history.ts';

const instance = (key: `${string}/${string}`, pid: number | null) => ({ key, pid });
const sample = (cpuPercent: number, memoryBytes: number) => ({ cpuPercent, memoryBytes });

describe('what apps have used of late', () => {
  it('is the sum over the processes of an app, round by round, with gaps where nothing ran', () => {
    const history = new UsageHistory();
    const api = [instance('shop/api', 1), instance('shop/api', 2), instance('shop/api', null)];
    history.record(api, new Map([[1, sample(1.26, 100)], [2, sample(2, 200)]])); // prettier-ignore
    history.record([], new Map());
    history.record(api, new Map([[2, sample(0, 300)]]));
    expect(history.of('shop/api')).toEqual({ cpuPercent: [3.3, null, 0], memoryBytes: [300, null, 300] });
    expect(history.of('shop/none')).toEqual({ cpuPercent: [], memoryBytes: [] });
  });

  it('holds for all the time that a round tells of, however long that was', () => {
    const history = new UsageHistory();
    const record = (bytes: number, periods?: number): void =>
      history.record([instance('shop/api', 1)], new Map([[1, sample(1, bytes)]]), periods);
    record(1);
    record(2, 3);
    expect(history.of('shop/api').memoryBytes).toEqual([1, 2, 2, 2]);
    record(3, 10_000);
    expect(history.of('shop/api').memoryBytes).toEqual(Array.from({ length: 60 }, () => 3));
  });

  it('reaches back two minutes, for an app that came later too', () => {
    const history = new UsageHistory();
    for (let round = 0; round < 130; round++) {
      const late = round < 100 ? [] : [instance('shop/late', 2)];
      const samples = new Map([[1, sample(0, round)], [2, sample(0, round)]]); // prettier-ignore
      history.record([instance('shop/api', 1), ...late], samples);
    }
    const { memoryBytes } = history.of('shop/api');
    expect([memoryBytes.length, memoryBytes[0], memoryBytes.at(-1)]).toEqual([60, 70, 129]);
    const late = history.of('shop/late').memoryBytes;
    expect([late.length, late[29], late[30], late.at(-1)]).toEqual([60, null, 100, 129]);
  });

  it('forgets an app that has not run for so long', () => {
    const history = new UsageHistory();
    history.record([instance('shop/api', 1)], new Map([[1, sample(1, 1)]]));
    for (let round = 0; round < 130; round++) history.record([], new Map());
    expect(history.of('shop/api')).toEqual({ cpuPercent: [], memoryBytes: [] });
  });
});
