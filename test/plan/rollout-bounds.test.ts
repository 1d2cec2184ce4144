import { describe, expect, it } from 'vitest';
import { rolloutBounds } from '../../src/plan/decide/bounds.ts';
import { plan } from '../../src/plan/plan.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../src/plan/model/observed.ts';
import type { Plan } from '../../src/plan/model/plan.ts';
import type { AppSpec } from '../../src/spec/types.ts';
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

function rolloutOf(fields: Partial<AppSpec['rollout']>): AppSpec['rollout'] {
  return { ...makeSpec().rollout, ...fields };
}

function planOf(app: DesiredApp, instances: readonly ObservedInstance[], before = app): Plan {
  return plan([app], observe({ instances, accepted: [accept(before)] }), NOW);
}

describe('the bounds of a rollout', () => {
  it.each<[Partial<AppSpec['rollout']>, ReturnType<typeof rolloutBounds>]>([
    [{}, { maxSurge: 0, maxUnavailable: 1, parallel: 1 }],
    [
      { max_surge: 2, max_unavailable: 0, parallel: 3 },
      { maxSurge: 2, maxUnavailable: 0, parallel: 3 },
    ],
    [
      { max_surge: 0, max_unavailable: 0, parallel: 0 },
      { maxSurge: 0, maxUnavailable: 1, parallel: 1 },
    ],
    [
      { max_surge: -1, max_unavailable: -1, parallel: -1 },
      { maxSurge: 0, maxUnavailable: 1, parallel: 1 },
    ],
  ])('of %j are %j', (rollout, expected) => {
    expect(rolloutBounds(makeApp('web', { spec: { rollout: rolloutOf(rollout) } }))).toEqual(expected);
  });

  it('are one after the other, stopped first, for a job: a second process would be a second run', () => {
    const spec = { schedule: '0 2 * * *', rollout: rolloutOf({ max_surge: 2, max_unavailable: 0 }) };
    expect(rolloutBounds(makeApp('job', { spec }))).toMatchObject({ maxSurge: 0, maxUnavailable: 1 });
  });
});

describe('restart --now', () => {
  const spec = { instances: 3, rollout: rolloutOf({ max_surge: 1, max_unavailable: 0 }) };
  const before = makeApp('web', { spec });
  const lastRestart = { reason: 'RestartRequested', detail: 'asked for by ann', at: NOW, now: true } as const;
  const after = { ...makeApp('web', { spec, generation: 2, restartGeneration: 1 }), lastRestart };

  it('ends all at once, without draining and without starting anything beside them', () => {
    const { actions, changes } = planOf(after, runAll(before));
    expect(short(actions)).toEqual([
      'stop 0 RestartRequested',
      'stop 1 RestartRequested',
      'stop 2 RestartRequested',
    ]);
    expect(actions.map((action) => action.kind === 'stop' && action.how.drainMs)).toEqual([0, 0, 0]);
    expect(changes[0]?.rollout).toEqual({ order: 'stop-first', atOnce: 3, gap: true, now: true });
  });

  it('is a matter of that restart only: a new version rolls out as ever', () => {
    const newer = { ...makeApp('web', { spec: { ...spec, env: { A: '1' } }, generation: 3 }), lastRestart };
    const { actions } = planOf(newer, runAll(before));
    expect(short(actions)).toEqual(['start 0 TemplateChanged']);
  });

  it('of one slot leaves the others alone', () => {
    const one = { ...after, restartGeneration: 0, slotRestarts: { '1': 1 } };
    expect(short(planOf(one, runAll(before)).actions)).toContain('stop 1 RestartRequested');
    expect(planOf(one, runAll(before)).actions.filter(({ kind }) => kind === 'stop')).toHaveLength(1);
  });

  it('does not wait for a successor that proves itself already', () => {
    const [old0] = runAll(before) as [ObservedInstance];
    const fresh = makeInstance(after, { nonce: 'fresh', upMs: 10 });
    const single = { ...after, spec: { ...after.spec, instances: 1 } };
    expect(short(planOf(single, [old0, fresh]).actions)).toEqual(['stop 0 Replaced']);
  });
});

describe('sockets that an earlier runner held', () => {
  const spec: Partial<AppSpec> = {
    instances: 3,
    exec_mode: 'cluster',
    rollout: rolloutOf({ max_surge: 1, max_unavailable: 0 }),
  };
  const before = makeApp('web', { spec });
  const lost = runAll(before, { socketsLost: true, listening: ['*:3000'] });
  const after = makeApp('web', { spec: { ...spec, env: { A: '1' } }, generation: 2 });

  it('have all that listen on them replaced at once, and the plan says that there is a gap', () => {
    const { actions, changes } = planOf(after, lost, before);
    expect(short(actions)).toEqual([
      'stop 0 TemplateChanged',
      'stop 1 TemplateChanged',
      'stop 2 TemplateChanged',
    ]);
    expect(changes[0]?.rollout).toEqual({ order: 'stop-first', atOnce: 3, gap: true, socketsLost: true });
  });

  it('are free only when all have ended', () => {
    const [, second, third] = lost as [ObservedInstance, ObservedInstance, ObservedInstance];
    const { actions, holds } = planOf(after, [
      { ...second, state: 'stopping' },
      { ...third, state: 'stopping' },
    ]);
    expect(actions).toEqual([]);
    expect(holds.find(({ slot }) => slot === 0)?.message).toContain('sockets of an earlier runner');
    expect(short(planOf(after, []).actions)).toEqual([
      'start 0 NotRunning',
      'start 1 NotRunning',
      'start 2 NotRunning',
    ]);
  });

  it('are left alone as long as nothing is to be replaced', () => {
    expect(planOf(before, lost).actions).toEqual([]);
  });

  it('take all of them along when one slot restarts: its successor could not listen', () => {
    const one = { ...before, generation: 2, slotRestarts: { '1': 1 } };
    const { actions, changes } = planOf(one, lost);
    expect(actions.filter(({ kind }) => kind === 'stop')).toHaveLength(3);
    expect(changes[0]).toMatchObject({ kind: 'restart', touches: 3 });
  });
});

describe('how a change says it will be carried out', () => {
  it.each<[string, Partial<AppSpec>, object]>([
    ['one instance', {}, { order: 'stop-first', atOnce: 1, gap: true }],
    ['four of a fork app', { instances: 4 }, { order: 'stop-first', atOnce: 1, gap: true }],
    [
      'a shared socket that others serve',
      { instances: 4, exec_mode: 'cluster' },
      { order: 'stop-first', atOnce: 1, gap: false },
    ],
    [
      'a shared socket with all stopped at once',
      { instances: 2, exec_mode: 'cluster', rollout: rolloutOf({ max_unavailable: 9, parallel: 9 }) },
      { order: 'stop-first', atOnce: 2, gap: true },
    ],
    [
      'start first',
      { instances: 4, rollout: rolloutOf({ max_surge: 2, max_unavailable: 0, parallel: 3 }) },
      { order: 'start-first', atOnce: 2, gap: false },
    ],
    [
      'more at once than may be started beside',
      { instances: 4, rollout: rolloutOf({ max_surge: 1, max_unavailable: 1, parallel: 3 }) },
      { order: 'start-first', atOnce: 2, gap: true },
    ],
  ])('with %s', (_, spec, expected) => {
    const before = makeApp('web', { spec });
    const after = makeApp('web', { spec: { ...spec, env: { A: '1' } }, generation: 2 });
    expect(planOf(after, runAll(before), before).changes[0]?.rollout).toEqual(expected);
  });

  it('says nothing where no process is replaced', () => {
    const before = makeApp('web', { spec: { instances: 1 } });
    const after = makeApp('web', { spec: { instances: 2 }, generation: 2 });
    expect(planOf(after, runAll(before), before).changes[0]).not.toHaveProperty('rollout');
  });
});

describe('an exit on record from before the process that runs', () => {
  it('keeps no process from being replaced, though it looks like one of what is declared', () => {
    // Deleted and declared anew: the counters begin again, and name the version of the process that ended first.
    const spec = { instances: 1, autorestart: false };
    const app = makeApp('web', { spec, generation: 5, restartGeneration: 0 });
    const running = makeInstance(app, { slot: 0, generation: 4, restartGeneration: 1 });
    const ended = { code: 1, signal: null, at: NOW, upMs: 10, requested: false, error: null };
    const slots = [makeHistory(app, { slot: 0, lastGeneration: 3, lastExit: ended })];
    const { actions } = plan(
      [app],
      observe({ instances: [running], history: [{ key: app.key, slots }], accepted: [accept(app)] }),
      NOW,
    );
    expect(actions).toMatchObject([{ kind: 'stop', nonce: running.nonce }]);
  });
});
