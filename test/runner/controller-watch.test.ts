import { beforeEach, expect, test } from 'vitest';
import { ControllerWatch } from '../../src/runner/controller-watch.ts';
import { FakeClock } from '../support/fake-clock.ts';

let clock: FakeClock;
let ends: ((killed: boolean) => void)[];
let wanted: boolean;
let kills: number;
let watch: ControllerWatch;
beforeEach(() => {
  clock = new FakeClock();
  ends = [];
  wanted = true;
  kills = 0;
  watch = new ControllerWatch({
    clock,
    start: () => ({ onEnd: (callback) => ends.push(callback), kill: () => (kills += 1) }),
    isWanted: () => wanted,
    onParked: () => undefined,
    log: () => undefined,
  });
});

/** How many controllers were started so far. */
const started = (): number => ends.length;

test('the controller that started the runner has five seconds to connect', () => {
  clock.advance(4_999);
  expect(started()).toBe(0);
  clock.advance(1);
  expect(started()).toBe(1);
  clock.advance(60_000);
  expect(started()).toBe(1);
});

test('one that is lost is replaced at once', () => {
  watch.connected();
  clock.advance(60_000);
  expect(started()).toBe(0);
  watch.lost();
  expect(started()).toBe(1);
});

test('one that dies again and again is started less and less often, up to every five seconds', () => {
  watch.connected();
  watch.lost();
  const delays: number[] = [];
  for (let round = 0; round < 8; round++) {
    ends.at(-1)?.(false);
    delays.push(clock.nextDelayMs() ?? -1);
    clock.advance(clock.nextDelayMs() ?? 0);
  }
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(started()).toBe(9);
});

test('each that had come up is replaced at once, however soon it is killed', () => {
  for (let round = 1; round <= 10; round++) {
    watch.connected();
    clock.advance(1_000);
    watch.lost();
    expect(started()).toBe(round);
  }
});

test('connecting for a moment does not reset the back-off, staying does', () => {
  watch.connected();
  watch.lost();
  watch.connected();
  clock.advance(999);
  watch.lost();
  expect(started()).toBe(1);
  clock.advance(100);
  expect(started()).toBe(2);
  watch.connected();
  clock.advance(1_000);
  watch.lost();
  expect(started()).toBe(3);
});

test('the end of one that was started does not matter once another is connected', () => {
  watch.connected();
  watch.lost();
  watch.connected();
  ends[0]?.(false);
  clock.advance(60_000);
  expect(started()).toBe(1);
});

test('a parked runner starts none until one comes by itself and is lost', () => {
  watch.connected();
  watch.park();
  expect(watch.parked).toBe(true);
  watch.lost();
  clock.advance(60_000);
  expect(started()).toBe(0);
  watch.connected();
  expect(watch.parked).toBe(false);
  watch.lost();
  expect(started()).toBe(1);
});

test('none is started for a home that is gone', () => {
  wanted = false;
  clock.advance(60_000);
  expect(started()).toBe(0);
  expect(watch.parked).toBe(true);
});

test('one that somebody else starts again is left to them for three seconds', () => {
  watch.connected(true);
  watch.lost();
  clock.advance(2_999);
  expect(started()).toBe(0);
  clock.advance(1);
  expect(started()).toBe(1);
});

test.each(['before', 'after'])(
  'one that is killed again and again while it comes up waits a fifth of a second at most; its end is known %s its connection is lost',
  (order) => {
    watch.connected();
    watch.lost();
    const delays: number[] = [];
    for (let round = 0; round < 8; round++) {
      const killed = ends.at(-1);
      watch.connected();
      if (order === 'before') killed?.(true);
      watch.lost();
      if (order === 'after') killed?.(true);
      delays.push(clock.nextDelayMs() ?? -1);
      clock.advance(clock.nextDelayMs() ?? 0);
      expect(started()).toBe(round + 2);
    }
    expect(delays.every((delay) => delay <= 200)).toBe(true);
  },
);

test('one that was killed before it has connected is followed soon, and one that fails less and less often', () => {
  watch.connected();
  watch.lost();
  const delaysOf = (killed: boolean): readonly (number | undefined)[] =>
    Array.from({ length: 5 }, () => {
      ends.at(-1)?.(killed);
      const delay = clock.nextDelayMs();
      clock.advance(delay ?? 0);
      return delay;
    });
  expect(delaysOf(true)).toEqual([100, 200, 200, 200, 200]);
  expect(delaysOf(false)).toEqual([400, 800, 1600, 3200, 5000]);
});

test('one that does not connect in a minute is killed, and the next one is started', () => {
  clock.advance(5_000);
  clock.advance(59_000);
  expect([started(), kills]).toEqual([1, 0]);
  clock.advance(1_000);
  expect([started(), kills]).toEqual([1, 1]);
  ends[0]?.(true);
  clock.advance(5_000);
  expect(started()).toBe(2);
  watch.connected();
  clock.advance(600_000);
  expect([started(), kills]).toEqual([2, 1]);
});
