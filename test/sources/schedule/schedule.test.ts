import { beforeAll, describe, expect, it } from 'vitest';
import { pollWait } from '../../../src/sources/schedule/poll.ts';
import { windowState, type SyncWindow } from '../../../src/sources/schedule/windows.ts';
import { loadTimetables, type ReadTimetable } from '../../../src/triggers/schedule/timetable.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the wait for the next look', () => {
  const poll = { everyMs: MINUTE, failures: 0, longestMs: 15 * MINUTE, random: 0.5 };

  it('is the interval, a tenth shorter or longer', () => {
    expect(pollWait(poll)).toBe(MINUTE);
    expect(pollWait({ ...poll, random: 0 })).toBe(0.9 * MINUTE);
    expect(pollWait({ ...poll, random: 1 })).toBe(1.1 * MINUTE);
  });

  it('is twice as long after each failure, up to the longest, or the interval where that is longer', () => {
    const wait = (failures: number, everyMs = MINUTE) => pollWait({ ...poll, everyMs, failures });
    expect([1, 2, 3, 4, 100].map((failures) => wait(failures) / MINUTE)).toEqual([2, 4, 8, 15, 15]);
    expect(wait(9, 2 * HOUR)).toBe(2 * HOUR);
    expect(pollWait({ ...poll, longestMs: 0, failures: 9 })).toBe(MINUTE);
  });
});

describe('windows', () => {
  let read: ReadTimetable;
  beforeAll(async () => {
    read = await loadTimetables();
  });

  function window(
    kind: 'allow' | 'deny',
    expression: string,
    durationMs: number,
    timezone = 'UTC',
  ): SyncWindow {
    return { kind, durationMs, times: read({ expression, timezone, seed: 'shop' }) };
  }
  const at = (text: string): number => Date.parse(text);
  const state = (windows: readonly SyncWindow[], time: string) => {
    const { open, changesAt, window: index } = windowState(windows, at(time));
    return {
      open,
      window: index,
      changesAt: changesAt === null ? null : new Date(changesAt).toISOString().slice(0, 16),
    };
  };

  it('without any, syncs are always allowed', () => {
    expect(state([], '2026-01-05T12:00Z')).toEqual({ open: true, window: null, changesAt: null });
  });

  it('that allow open for their time, and close with it', () => {
    const night = [window('allow', '0 22 * * 1-5', 4 * HOUR)];
    expect(state(night, '2026-01-05T21:59Z')).toEqual({
      open: false,
      window: null,
      changesAt: '2026-01-05T22:00',
    });
    expect(state(night, '2026-01-05T22:00Z')).toEqual({
      open: true,
      window: 0,
      changesAt: '2026-01-06T02:00',
    });
    expect(state(night, '2026-01-06T01:59Z')).toMatchObject({ open: true });
    expect(state(night, '2026-01-06T02:00Z')).toMatchObject({ open: false, changesAt: '2026-01-06T22:00' });
    // Friday night, then the weekend.
    expect(state(night, '2026-01-10T02:00Z')).toMatchObject({ open: false, changesAt: '2026-01-12T22:00' });
  });

  it('that deny win, and say which of them it is', () => {
    const both = [window('allow', '0 * * * *', HOUR), window('deny', '0 12 * * *', 2 * HOUR)];
    expect(state(both, '2026-01-05T11:00Z')).toEqual({
      open: true,
      window: 0,
      changesAt: '2026-01-05T12:00',
    });
    expect(state(both, '2026-01-05T13:00Z')).toEqual({
      open: false,
      window: 1,
      changesAt: '2026-01-05T14:00',
    });
    const alone = both.slice(1);
    expect(state(alone, '2026-01-05T11:00Z')).toEqual({
      open: true,
      window: null,
      changesAt: '2026-01-05T12:00',
    });
  });

  it('that follow each other or overlap are one', () => {
    const overlapping = [
      window('allow', '0 8 * * *', 4 * HOUR),
      window('allow', '0 12 * * *', HOUR),
      window('allow', '30 9 * * *', HOUR),
    ];
    expect(state(overlapping, '2026-01-05T09:00Z')).toMatchObject({
      open: true,
      changesAt: '2026-01-05T13:00',
    });
    const always = [window('allow', '0 0 * * *', 25 * HOUR)];
    expect(state(always, '2026-01-05T23:59Z')).toMatchObject({ open: true, changesAt: null });
    const never = [window('deny', '@daily', 24 * HOUR)];
    expect(state(never, '2026-01-05T23:59Z')).toMatchObject({ open: false, changesAt: null });
  });

  it('are in their own time zone, and last as long in real time where clocks are changed', () => {
    const berlin = [window('allow', '0 1 29 3 *', 3 * HOUR, 'Europe/Berlin')];
    expect(state(berlin, '2026-03-29T00:00Z')).toMatchObject({ open: true, changesAt: '2026-03-29T03:00' });
    const night = [window('allow', '0 22 * * *', HOUR, 'America/New_York')];
    expect(state(night, '2026-07-01T12:00Z')).toMatchObject({ open: false, changesAt: '2026-07-02T02:00' });
  });
});
