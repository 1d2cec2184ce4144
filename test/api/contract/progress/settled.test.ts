import { expect, it } from 'vitest';
import { isSettled } from '../../../../src/api/contract/progress/settled.ts';
import type { RolloutInfo } from '../../../../src/api/contract/wire/apps.ts';

const healthy = {
  health: 'Healthy',
  sync: 'Synced',
  observedGeneration: 5,
  assessedGeneration: 5,
  desiredInstances: 2,
} as const;

function rollout(state: RolloutInfo['state'], generation = 5): RolloutInfo {
  return {
    state,
    generation,
    revision: 2,
    updatedInstances: 0,
    totalInstances: 2,
    startedAt: null,
    endedAt: null,
    reason: null,
    message: null,
    pausedBy: null,
  };
}

it.each<[string, RolloutInfo | null | undefined, boolean]>([
  ['of a daemon that tells of no rollouts', undefined, true],
  ['that never had a rollout', null, true],
  ['whose rollout has succeeded', rollout('succeeded'), true],
  ['whose rollout gave way to what it is now', rollout('superseded', 4), true],
  ['whose rollout goes on', rollout('progressing'), false],
  ['whose rollout is paused', rollout('paused'), false],
  ['whose rollout of this generation has failed', rollout('failed', 5), false],
  ['whose rollout of a later generation has failed', rollout('failed', 6), false],
  ['that was asked for again after its rollout had failed', rollout('failed', 4), true],
])('an app that is healthy and %s', (_, info, settled) => {
  expect(isSettled(5, { ...healthy, ...(info !== undefined && { rollout: info }) })).toBe(settled);
});

it('an app that was stopped in the middle of a rollout is as asked for', () => {
  const stopped = { ...healthy, health: 'Stopped', desiredInstances: 0 } as const;
  expect(isSettled(5, { ...stopped, rollout: rollout('progressing') })).toBe(true);
});

it('what is known of an older generation says nothing', () => {
  expect(isSettled(6, healthy)).toBe(false);
});
