import { expect, test } from 'vitest';
import { giveBackMemory } from '../../../src/lib/memory/give-back-memory.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MB = 1024 * 1024;

function rig() {
  const clock = new FakeClock();
  const state = { held: 12 * MB, used: 10 * MB, collections: 0 };
  const end = giveBackMemory({
    clock,
    collect: () => {
      state.collections += 1;
      state.held = state.used;
    },
    heapBytes: () => state.held,
  });
  return { clock, state, end };
}

test('what a burst has needed is given back when it is over, and not before', () => {
  const { clock, state } = rig();
  clock.advance(20_000);
  expect(state).toMatchObject({ held: 10 * MB, collections: 2 });
  for (let i = 0; i < 5; i++) {
    state.held += 10 * MB;
    clock.advance(20_000);
  }
  expect(state.collections).toBe(2);
  clock.advance(20_000);
  expect(state).toMatchObject({ held: 10 * MB, collections: 4 });
});

test('nothing is done where little would come of it, nor after the end', () => {
  const { clock, state, end } = rig();
  clock.advance(20_000);
  state.held += 1 * MB;
  clock.advance(600_000);
  expect(state.collections).toBe(2);
  end();
  state.held += 30 * MB;
  clock.advance(600_000);
  expect(state.collections).toBe(2);
  expect(clock.nextDelayMs()).toBeUndefined();
});

test('without a way to collect nothing is waited for', () => {
  const clock = new FakeClock();
  giveBackMemory({ clock, collect: null })();
  expect(clock.nextDelayMs()).toBeUndefined();
});
