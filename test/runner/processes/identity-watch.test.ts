import { expect, test } from 'vitest';
import { IdentityWatch } from '../../../src/runner/processes/identity-watch.ts';
import type { Processes, ProcessStat } from '../../../src/runner/processes/processes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const identity = { pid: 42, startTime: '7', bootId: 'b' };

function hostWith(stat: () => ProcessStat | null): Processes {
  const none = { nonce: () => ({ kind: 'none' as const }), variable: () => null, catches: () => false };
  return { bootId: 'b', stat, ...none, scan: () => Promise.resolve([]) };
}

test('a process that cannot be looked at has not ended; one that is gone has, once', () => {
  const clock = new FakeClock();
  let stat: () => ProcessStat | null = () => ({ startTime: '7', group: 42, parent: 1, zombie: false });
  let ends = 0;
  const watch = new IdentityWatch(
    clock,
    hostWith(() => stat()),
    { identity, onEnd: () => ends++ },
  );
  stat = () => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  };
  clock.advance(10_000);
  expect(ends).toBe(0);
  stat = () => null;
  clock.advance(10_000);
  expect(ends).toBe(1);
  watch.close();
});
