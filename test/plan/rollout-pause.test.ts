import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { Condition } from '../../src/plan/model/health.ts';
import type { ObservedInstance, SlotHistory } from '../../src/plan/model/observed.ts';
import type { Plan } from '../../src/plan/model/plan.ts';
import type { RolloutFailure } from '../../src/plan/model/rollout.ts';
import {
  accept,
  makeApp,
  makeHistory,
  makeInstance,
  makeSpec,
  NOW,
  observe,
  runAll,
  short,
} from './fixtures.ts';

const rollout = { ...makeSpec().rollout, max_surge: 1, max_unavailable: 0, min_ready: 1_000 };
const spec = { instances: 3, rollout };
const before = makeApp('web', { spec });
const failure: RolloutFailure = {
  reason: 'Exited',
  message: 'slot 0 exited with code 1 after 0.2s',
  slot: 0,
};
const after = makeApp('web', { spec: { ...spec, env: { LOG: 'debug' } }, generation: 2, revision: 2 });
const [old0, old1, old2] = runAll(before) as [ObservedInstance, ObservedInstance, ObservedInstance];

function paused(why: RolloutFailure | null, fields: Partial<DesiredApp> = {}): DesiredApp {
  const by = why === null ? 'ann' : 'stateward';
  const previous = { ...before, slotRestarts: {} };
  const state = { previous, startedAt: NOW - 60_000, paused: { by, at: NOW, failure: why } };
  return { ...after, rollout: state, ...fields };
}

function next(slot: number, fields: Partial<ObservedInstance> = {}): ObservedInstance {
  return makeInstance(after, { slot, nonce: `new-${slot}`, ...fields });
}

function planOf(
  app: DesiredApp,
  instances: readonly ObservedInstance[],
  slots: readonly SlotHistory[] = [],
): Plan {
  const history = [{ key: app.key, slots }];
  return plan([app], observe({ instances, history, accepted: [accept(app)] }), NOW);
}

function progressing({ health }: Plan): Condition | undefined {
  return health[0]?.conditions.find(({ type }) => type === 'Progressing');
}

describe('a rollout that somebody has paused', () => {
  const app = paused(null);

  it('begins nothing, neither beside what serves nor in place of what does not', () => {
    expect(planOf(app, [old0, old1, old2]).actions).toEqual([]);
    expect(planOf(app, [{ ...old0, probedReady: false }, old1, old2]).actions).toEqual([]);
  });

  it('finishes the pair that is there', () => {
    expect(planOf(app, [old0, next(0, { upMs: 100 }), old1, old2]).actions).toEqual([]);
    expect(short(planOf(app, [old0, next(0), old1, old2]).actions)).toEqual(['stop 0 Replaced']);
    expect(planOf(app, [next(0), old1, old2]).actions).toEqual([]);
  });

  it('fills slots that have no process at all', () => {
    expect(short(planOf(app, [old0, old1]).actions)).toEqual(['start 2 ScaledUp']);
  });

  it('says so, and what to do', () => {
    const made = planOf(app, [next(0), old1, old2]);
    const message = 'rollout paused by ann; stateward rollout resume shop/web';
    expect(made.holds).toMatchObject([{ slot: null, reason: 'RolloutPaused', message, until: null }]);
    expect(made.health[0]).toMatchObject({ health: 'Suspended', sync: 'OutOfSync', converged: false });
    expect(progressing(made)).toMatchObject({ status: 'False', reason: 'RolloutPaused', message });
  });

  it('is complete all the same when nothing is left to replace', () => {
    expect(planOf(app, [next(0), next(1), next(2)]).health[0]).toMatchObject({
      health: 'Healthy',
      converged: true,
    });
  });
});

describe('a rollout that has failed and waits', () => {
  const app = paused(failure);

  it('only stops what is not fit, also when a live change has made a new generation since', () => {
    const app = paused(failure, { generation: 3 });
    expect(short(planOf(app, [old0, next(0), old1, old2]).actions)).toEqual(['stop 0 RolloutFailed']);
  });

  it('ends the new process where the old one serves, also one that seemed well', () => {
    const { actions } = planOf(app, [old0, next(0), old1, next(1, { upMs: 100 }), old2]);
    expect(short(actions)).toEqual(['stop 0 RolloutFailed', 'stop 1 RolloutFailed']);
    expect(actions.map((it) => 'nonce' in it && it.nonce)).toEqual(['new-0', 'new-1']);
  });

  it('does not start it there again', () => {
    const slots = [makeHistory(after, { lastNonce: 'new-0' })];
    expect(planOf(app, [old0, old1, old2], slots).actions).toEqual([]);
    expect(planOf(app, [old0, next(0, { state: 'stopping' }), old1, old2]).actions).toEqual([]);
  });

  it('keeps what it has where nothing serves beside it', () => {
    expect(planOf(app, [next(0), old1, old2]).actions).toEqual([]);
    const dead = { ...old0, probedReady: false };
    expect(short(planOf(app, [dead, next(0, { upMs: 100 }), old1, old2]).actions)).toEqual([
      'stop 0 Replaced',
    ]);
  });

  it('has an empty slot get the version before, whether its process died or it is new', () => {
    const version = {
      templateHash: before.templateHash,
      revision: before.revision,
      generation: app.generation,
    };
    const { actions } = planOf(app, [old0, old1]);
    expect(short(actions)).toEqual(['start 2 ScaledUp']);
    expect(actions).toMatchObject([{ app: version }]);
    const died = planOf(app, [old0, old1], [makeHistory(before, { slot: 2, attempt: 0 })]);
    expect(died.actions).toMatchObject([{ kind: 'start', slot: 2, app: version }]);
  });

  it('has it wait for its own back-off there', () => {
    const exit = { code: 1, signal: null, at: NOW, upMs: 10, requested: false, error: null };
    const died = makeHistory(before, { slot: 2, attempt: 5, jitter: 1, lastExit: exit });
    const { actions, holds } = planOf(app, [old0, old1], [died]);
    expect(actions).toEqual([]);
    expect(holds).toContainEqual(expect.objectContaining({ slot: 2, reason: 'BackOff' }));
  });

  it('says why, and what to do', () => {
    const made = planOf(app, [old0, old1, old2]);
    const message =
      'rollout failed: slot 0 exited with code 1 after 0.2s; stateward rollout resume shop/web, or stateward rollback shop/web';
    expect(made.holds).toMatchObject([{ slot: null, reason: 'RolloutFailed', message }]);
    expect(progressing(made)).toMatchObject({ status: 'False', reason: 'RolloutFailed', message });
    expect(made.health[0]).toMatchObject({ health: 'Suspended', readyInstances: 3, converged: false });
  });

  it('is worse than suspended when fewer serve than the rollout may leave', () => {
    const slots = [makeHistory(after, { lastNonce: 'new-0', attempt: 1 })];
    expect(planOf(app, [old1, old2], slots).health[0]).toMatchObject({ health: 'Degraded' });
    const single = { ...app, spec: { ...app.spec, instances: 1 } };
    expect(planOf(single, [], slots).health[0]?.health).not.toBe('Suspended');
  });
});

describe('an app that has gone back to the version before', () => {
  const lastRollout = {
    outcome: 'failed',
    generation: 2,
    revision: 2,
    templateHash: after.templateHash,
    at: NOW,
    failure,
  } as const;

  it('is well, and says that what was asked for last is not there', () => {
    const app = { ...before, generation: 3, lastRollout };
    const made = planOf(app, runAll(app));
    expect(made.health[0]).toMatchObject({ health: 'Healthy', converged: true });
    expect(progressing(made)).toEqual({
      type: 'Progressing',
      status: 'False',
      reason: 'RolledBack',
      message: 'the rollout of revision 2 failed: slot 0 exited with code 1 after 0.2s; back on revision 1',
    });
  });

  it('ends the new process of a pair and keeps the old one', () => {
    const app = { ...before, generation: 3, lastRollout };
    const { actions } = planOf(app, [old0, next(0, { upMs: 100 }), old1, old2]);
    expect(short(actions.filter(({ kind }) => kind === 'stop'))).toEqual(['stop 0 RolledBack']);
    expect(actions[0]).toMatchObject({ nonce: 'new-0' });
  });
});
