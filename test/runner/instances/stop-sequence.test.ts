import { expect, test } from 'vitest';
import { StopSequence } from '../../../src/runner/instances/stop-sequence.ts';
import type { StopOptions } from '../../../src/runner/instances/stop-options.ts';
import type { Survivors } from '../../../src/runner/instances/survivors.ts';
import type { ProcessEntry } from '../../../src/runner/processes/processes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const GRACE_MS = 200;
const LEFT: ProcessEntry = { pid: 999_999_998, startTime: '7', group: 999_999_999, nonce: 'n' };

/** A stop that has been asked for; the main process has ended when `end` is called, whether anybody was told or not. */
function rig({ drainMs = 0, agentComes = false } = {}) {
  const said: unknown[] = [];
  let isThere = false;
  const clock = new FakeClock();
  let isAlive = true;
  let found: (survivors: Survivors) => void = () => undefined;
  const options = {
    clock,
    ...{ nonce: 'n', group: null, inBackground: false, leftovers: 'end', agentComes },
    say: (message: unknown) => isThere && said.push(message) > 0,
    identity: { pid: 999_999_999, startTime: '5', bootId: 'b' },
    processes: {
      bootId: 'b',
      stat: () => (isAlive ? { startTime: '5', group: 1, parent: 1, zombie: false } : null),
      nonce: () => ({ kind: 'none' }),
      catches: () => false,
    },
    search: {
      find: () => new Promise<Survivors>((resolve) => (found = resolve)),
      stillAlive: () => [],
    },
    notify: () => undefined,
    killAll: () => undefined,
    command: { begin: () => null, find: () => null },
  } as unknown as StopOptions;
  const spec = { nonce: 'n', signal: 'SIGTERM', tree: true, graceMs: GRACE_MS, drainMs } as const;
  return {
    ...{ clock, said },
    comeBack: () => (isThere = true),
    stop: new StopSequence(options, spec),
    end: () => (isAlive = false),
    find: (proven: readonly ProcessEntry[]) => found({ proven, unproven: [] }),
  };
}

test('an app that has ended in time was not killed, however late that is known', async () => {
  const { clock, stop, end, find } = rig();
  end();
  clock.advance(GRACE_MS);
  const over = stop.mainEnded();
  find([]);
  expect(await over).toEqual([]);
  expect(stop.killed).toBe(false);
});

test('nor was one of which it takes until then to find that nothing is left', async () => {
  const { clock, stop, end, find } = rig();
  end();
  const over = stop.mainEnded();
  clock.advance(GRACE_MS);
  find([]);
  await over;
  expect(stop.killed).toBe(false);
});

test('one that lives on when its grace is over is killed, and so is what it has left', async () => {
  const alone = rig();
  alone.clock.advance(GRACE_MS);
  expect(alone.stop.killed).toBe(true);

  const { clock, stop, end, find } = rig();
  end();
  const over = stop.mainEnded();
  clock.advance(GRACE_MS);
  find([LEFT]);
  await new Promise((resolve) => setImmediate(resolve));
  find([]);
  await over;
  expect(stop.killed).toBe(true);
});

test('an agent that is on its way back is waited for, and drains in the time that is left', () => {
  const { clock, stop, said, comeBack } = rig({ drainMs: 5_000, agentComes: true });
  clock.advance(1_500);
  comeBack();
  stop.channelOpened();
  expect(said).toEqual([{ cmd: 'NODE_STATEWARD_DRAIN', ms: 3_500 }]);
  clock.advance(1_900);
  stop.answered({ kind: 'draining', signal: null });
  clock.advance(1_000);
  expect(stop.suspend().asked).toBe(false);
  stop.answered({ kind: 'drained' });
  expect(stop.suspend().asked).toBe(true);
});

test('one that does not come is not waited for longer than one that does not answer', () => {
  const { clock, stop } = rig({ drainMs: 5_000, agentComes: true });
  clock.advance(1_999);
  expect(stop.suspend().asked).toBe(false);
  stop.resume(stop.suspend());
  clock.advance(1);
  expect(stop.suspend().asked).toBe(true);
  const gone = rig({ drainMs: 5_000 });
  expect(gone.stop.suspend().asked).toBe(true);
});
