import { expect, it } from 'vitest';
import { assessRestart, type AskedRestart } from '../../../src/plan/decide/rollout-verdict.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { RolloutState } from '../../../src/plan/model/rollout.ts';
import { makeApp, makeInstance, NOW } from '../fixtures.ts';

const before = makeApp('api', { spec: { script: './old.js' } });
const { spec, templateHash, restartGeneration, slotRestarts, revision } = before;
const previous = { spec, templateHash, restartGeneration, slotRestarts, revision };

function rolling(fields: Partial<DesiredApp> = {}, rollout: Partial<RolloutState> = {}): DesiredApp {
  const app = makeApp('api', { spec: { script: './new.js' }, generation: 2, revision: 2 });
  return { ...app, rollout: { previous, startedAt: NOW, paused: null, ...rollout }, ...fields };
}

const restart: AskedRestart = { slot: 1, reason: 'LivenessFailed', detail: 'no answer' };

it.each(['LivenessFailed', 'StartupFailed', 'HeartbeatMissed', 'MemoryLimit'] as const)(
  'a version under rollout is not fit when a restart is asked for because of %s',
  (reason) => {
    const app = rolling();
    const old = makeInstance(before, { slot: 1, nonce: 'old-1' });
    const unfit = makeInstance(app, { slot: 1, nonce: 'new-1' });
    expect(assessRestart(app, { ...restart, reason }, [old, makeInstance(app), unfit])).toEqual({
      kind: 'failed',
      failure: { reason, message: 'slot 1: no answer', slot: 1 },
      nonce: 'new-1',
    });
  },
);

it.each<[string, DesiredApp, AskedRestart]>([
  ['what somebody wants', rolling(), { ...restart, reason: 'RestartRequested' }],
  ['what came due', rolling(), { ...restart, slot: null, reason: 'CronRestart' }],
  ['a version that has proven itself', before, restart],
  ['a first version', rolling({}, { previous: null }), restart],
  [
    'one that has failed already',
    rolling(
      {},
      {
        paused: { by: 'stateward', at: NOW, failure: { reason: 'Exited', message: 'x', slot: 0 } },
      },
    ),
    restart,
  ],
])('%s says nothing of a version', (_, app, asked) => {
  expect(assessRestart(app, asked, [])).toBeNull();
});

it('what is only restarted is taken back for as long as a process from before runs', () => {
  const restarted: DesiredApp = {
    ...before,
    generation: 2,
    restartGeneration: 1,
    rollout: { previous, startedAt: NOW, paused: null },
  };
  expect(assessRestart(restarted, restart, [makeInstance(restarted)])).toBeNull();
  expect(assessRestart(restarted, restart, [makeInstance(restarted), makeInstance(before)])).not.toBeNull();
});

it('a slot that has no part in the restart of another one says nothing of it', () => {
  const restarted: DesiredApp = {
    ...before,
    generation: 2,
    slotRestarts: { 0: 1 },
    rollout: { previous, startedAt: NOW, paused: null },
  };
  const processes = [
    makeInstance(before, { nonce: 'old-0' }),
    makeInstance(before, { slot: 1, nonce: 'old-1' }),
  ];
  expect(assessRestart(restarted, restart, processes)).toBeNull();
  expect(assessRestart(restarted, { ...restart, slot: 0 }, processes)).not.toBeNull();
});

it('a process that was found unfit itself is none to go back to', () => {
  const restarted: DesiredApp = {
    ...before,
    generation: 2,
    slotRestarts: { 0: 1 },
    rollout: { previous, startedAt: NOW, paused: null },
    unfit: { 0: { reason: 'LivenessFailed', at: NOW, restartGeneration: 1 } },
  };
  const processes = [makeInstance(before, { nonce: 'old-0' })];
  expect(assessRestart(restarted, { ...restart, slot: 0 }, processes)).toBeNull();
});
