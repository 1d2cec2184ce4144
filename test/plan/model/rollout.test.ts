import { expect, it } from 'vitest';
import { fallbackOf, hasFailed, type RolloutState } from '../../../src/plan/model/rollout.ts';
import { makeApp, NOW } from '../fixtures.ts';

const { spec, templateHash, restartGeneration, slotRestarts, revision } = makeApp();
const previous = { spec, templateHash, restartGeneration, slotRestarts, revision };
const failure = { reason: 'Exited', message: 'exited with code 1', slot: 0 } as const;

function under(fields: Partial<RolloutState> = {}): RolloutState {
  return { previous, startedAt: NOW, paused: null, ...fields };
}

it.each([
  ['no rollout', undefined, 'rollback', null],
  ['a first version', under({ previous: null }), 'rollback', null],
  ['rollback', under(), 'rollback', previous],
  ['pause', under(), 'pause', previous],
  ['continue', under(), 'continue', null],
] as const)('%s: where a failure leads back to', (_, rollout, on_failure, expected) => {
  expect(fallbackOf(rollout, { rollout: { on_failure } })).toBe(expected);
});

it.each([
  ['none', undefined, false],
  ['that goes on', under(), false],
  ['that a person has paused', under({ paused: { by: 'ann', at: NOW, failure: null } }), false],
  ['that waits for a person', under({ paused: { by: 'stateward', at: NOW, failure } }), true],
])('a rollout %s has failed: %s', (_, rollout, expected) => {
  expect(hasFailed(rollout)).toBe(expected);
});
