import { expect, test } from 'vitest';
import { LogFlow } from '../../../src/runner/logs/log-flow.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const HOLD_MS = 200;

function flowOf(): { clock: FakeClock; flow: LogFlow; resumed: () => number } {
  const clock = new FakeClock();
  const flow = new LogFlow(clock, HOLD_MS);
  let count = 0;
  flow.whenWritable(() => count++);
  return { clock, flow, resumed: () => count };
}

test('readers go on at once while there is nothing to write', () => {
  expect(flowOf().resumed()).toBe(1);
});

test('readers wait until all that was read is written', () => {
  const { flow } = flowOf();
  let resumed = 0;
  flow.pushed();
  flow.whenWritable(() => resumed++);
  flow.written(false);
  expect({ resumed, holding: flow.holding }).toEqual({ resumed: 0, holding: true });
  flow.written(true);
  expect({ resumed, holding: flow.holding }).toEqual({ resumed: 1, holding: false });
});

test('readers are let go when the disk takes nothing for too long, and wait again once it does', () => {
  const { clock, flow } = flowOf();
  let resumed = 0;
  flow.pushed();
  flow.whenWritable(() => resumed++);
  clock.advance(HOLD_MS - 1);
  flow.written(false);
  clock.advance(HOLD_MS - 1);
  expect(resumed).toBe(0);
  clock.advance(1);
  expect({ resumed, holding: flow.holding }).toEqual({ resumed: 1, holding: false });
  flow.pushed();
  expect(flow.holding).toBe(false);
  flow.written(false);
  expect(flow.holding).toBe(true);
});

test('readers do not wait for a file that cannot be written to', () => {
  const { clock, flow } = flowOf();
  let resumed = 0;
  flow.pushed();
  flow.whenWritable(() => resumed++);
  flow.failed();
  expect({ resumed, failing: flow.failing }).toEqual({ resumed: 1, failing: true });
  clock.advance(HOLD_MS);
  flow.pushed();
  expect({ holding: flow.holding, failing: flow.failing }).toEqual({ holding: false, failing: true });
  flow.written(true);
  expect(flow.failing).toBe(false);
});
