import { expect, test } from 'vitest';
import { KnownProcesses } from '../../../src/runner/processes/known-processes.ts';

const at = (last: number, given: number) => ({ last, given, max: 1_000 });

function known(hand: ReturnType<typeof at> | null, ...pids: readonly number[]) {
  const processes = new KnownProcesses();
  processes.turn(hand);
  for (const pid of pids) processes.remember({ pid, startTime: '1', group: pid, nonce: null });
  return {
    turn: processes.turn.bind(processes),
    left: () => pids.filter((pid) => processes.get(pid) !== undefined),
  };
}

test('what the hand has not passed is known', () => {
  const processes = known(at(500, 10_000), 1, 400, 500);
  processes.turn(at(600, 10_100));
  expect(processes.left()).toEqual([1, 400, 500]);
});

test('what the hand has passed may be another process', () => {
  const processes = known(at(500, 10_000), 500, 501, 600, 601);
  processes.turn(at(600, 10_100));
  expect(processes.left()).toEqual([500, 601]);
});

test('the hand goes on from the beginning when it has come to the end', () => {
  const processes = known(at(900, 10_000), 1, 300, 301, 900, 950);
  processes.turn(at(300, 10_400));
  expect(processes.left()).toEqual([301, 900]);
});

test('nothing is known when it may have gone round, or nobody knows where it is', () => {
  const round = known(at(500, 10_000), 400);
  round.turn(at(500, 10_501));
  expect(round.left()).toEqual([]);
  const lost = known(at(500, 10_000), 400);
  lost.turn(null);
  expect(lost.left()).toEqual([]);
});
