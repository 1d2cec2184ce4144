import { describe, expect, it } from 'vitest';
import { viewRollout } from '../../../src/controller/views/rollout-view.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { RolloutOutcome, RolloutPause } from '../../../src/plan/model/rollout.ts';
import { makeApp, makeInstance, makeSpec, NOW } from '../../plan/fixtures.ts';

const rollout = { ...makeSpec().rollout, min_ready: 1_000 };
const before = makeApp('web', { spec: { instances: 2, rollout } });
const { spec, templateHash, restartGeneration, slotRestarts } = before;
const previous = { spec, templateHash, restartGeneration, slotRestarts, revision: 1 };
const next = makeApp('web', {
  spec: { instances: 2, rollout, script: './next.js' },
  generation: 2,
  revision: 2,
});

function rolling(paused: RolloutPause | null = null): DesiredApp {
  return { ...next, rollout: { previous, startedAt: NOW, paused } };
}

const old = [0, 1].map((slot) => makeInstance(before, { slot }));

describe('the rollout of an app as it is shown', () => {
  it('is none of an app that is new, or has had none', () => {
    expect(viewRollout(before, old, 2)).toBeNull();
    const first: DesiredApp = { ...before, rollout: { previous: null, startedAt: NOW, paused: null } };
    expect(viewRollout(first, old, 2)).toBeNull();
  });

  it('counts what runs the new version and has been ready for min_ready', () => {
    const fresh = makeInstance(next, { nonce: 'new', probedReady: true, readyForMs: 999 });
    expect(viewRollout(rolling(), [...old, fresh], 2)).toEqual({
      state: 'progressing',
      generation: 2,
      revision: 2,
      updatedInstances: 0,
      totalInstances: 2,
      slot: null,
      startedAt: new Date(NOW).toISOString(),
      endedAt: null,
      reason: null,
      message: null,
      pausedBy: null,
    });
    const proven = { ...fresh, readyForMs: 1_000 };
    expect(viewRollout(rolling(), [...old, proven], 2)).toMatchObject({ updatedInstances: 1 });
  });

  it('says who has paused it, and why it failed', () => {
    const byAnn = { by: 'ann', at: NOW, failure: null };
    expect(viewRollout(rolling(byAnn), old, 2)).toMatchObject({
      state: 'paused',
      pausedBy: 'ann',
      message: null,
    });
    const logLines = [{ stream: 'err' as const, line: 'boom' }];
    const failure = { reason: 'Exited' as const, message: 'slot 0 exited', slot: 0, logLines };
    expect(viewRollout(rolling({ by: 'stateward', at: NOW, failure }), old, 2)).toMatchObject({
      state: 'paused',
      pausedBy: 'stateward',
      reason: 'Exited',
      message: 'slot 0 exited',
      logLines,
    });
  });

  it('says how the last one ended', () => {
    const ended: RolloutOutcome = {
      outcome: 'failed',
      generation: 2,
      revision: 2,
      templateHash: next.templateHash,
      at: NOW,
      failure: {
        ...{ reason: 'Exited', message: 'slot 0 exited', slot: 0 },
        logLines: [{ stream: 'err', line: 'boom' }],
      },
    };
    const back = viewRollout({ ...before, generation: 3, lastRollout: ended }, old, 2);
    expect(back).toMatchObject({
      state: 'failed',
      generation: 2,
      revision: 2,
      updatedInstances: 0,
      endedAt: new Date(NOW).toISOString(),
      message: 'slot 0 exited',
      logLines: [{ stream: 'err', line: 'boom' }],
    });
    const good: RolloutOutcome = { ...ended, outcome: 'succeeded', failure: null };
    const all = [0, 1].map((slot) => makeInstance(next, { slot }));
    expect(viewRollout({ ...next, lastRollout: good }, all, 2)).toMatchObject({
      state: 'succeeded',
      updatedInstances: 2,
    });
  });
});
