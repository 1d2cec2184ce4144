import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import type { Action } from '../../src/plan/model/actions.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../../src/plan/model/observed.ts';
import type { Plan } from '../../src/plan/model/plan.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import {
  accept,
  makeApp,
  makeExit,
  makeHistory,
  makeInstance,
  makeSpec,
  NOW,
  observe,
  runAll,
  short,
} from './fixtures.ts';

const rollout: AppSpec['rollout'] = {
  ...makeSpec().rollout,
  max_surge: 1,
  max_unavailable: 0,
  min_ready: 1_000,
  on_failure: 'continue',
};
const spec = { instances: 3, rollout };
const before = makeApp('web', { spec });
const after = makeApp('web', { spec: { ...spec, env: { LOG: 'debug' } }, generation: 2, revision: 2 });
const [old0, old1, old2] = runAll(before) as [ObservedInstance, ObservedInstance, ObservedInstance];

function next(slot: number, fields: Partial<ObservedInstance> = {}): ObservedInstance {
  return makeInstance(after, { slot, nonce: `new-${slot}`, ...fields });
}

function planOf(
  instances: readonly ObservedInstance[],
  { app = after, slots = [] }: { readonly app?: DesiredApp; readonly slots?: readonly SlotHistory[] } = {},
): Plan {
  const history = [{ key: app.key, slots }];
  return plan([app], observe({ instances, history, accepted: [accept(app)] }), NOW);
}

function withRollout(fields: Partial<AppSpec['rollout']>): DesiredApp {
  return { ...after, spec: { ...after.spec, rollout: { ...rollout, ...fields } } };
}

describe('a rollout that starts first', () => {
  it('starts the new process beside the old one, in its slot', () => {
    const { actions, health } = planOf([old0, old1, old2]);
    expect(short(actions)).toEqual(['start 0 TemplateChanged']);
    expect(health[0]).toMatchObject({ readyInstances: 3, health: 'Progressing', converged: false });
  });

  it('waits until the new one is ready, and counts the slot as served by the old one', () => {
    const { actions, holds, health, requeueAfterMs } = planOf([old0, next(0, { upMs: 400 }), old1, old2]);
    expect(actions).toEqual([]);
    expect(health[0]).toMatchObject({ readyInstances: 3, health: 'Progressing', converged: false });
    expect(requeueAfterMs).toBe(600);
    expect(holds.map(({ message }) => message)).toEqual([
      'not up for min_uptime yet, 0.6s left',
      'rollout: slot 0 not ready, 0.6s left, 2 slots to replace after it',
    ]);
  });

  it('waits until it has been ready for min_ready, and says how long', () => {
    const { actions, holds, requeueAfterMs } = planOf([old0, next(0, { upMs: 1_600 }), old1, old2]);
    expect(actions).toEqual([]);
    expect(requeueAfterMs).toBe(400);
    expect(holds).toMatchObject([
      { slot: 0, reason: 'MinReady', until: NOW + 400 },
      { slot: null, message: 'rollout: slot 0 ready, 0.4s to go, 2 slots to replace after it' },
    ]);
  });

  it('ends the old one when the new one is available', () => {
    const { actions } = planOf([old0, next(0), old1, old2]);
    expect(actions).toMatchObject([
      { kind: 'stop', nonce: old0.nonce, reason: 'Replaced', how: { drainMs: 5_000 } },
    ]);
  });

  it('says of a new one that failed that it goes because the app is back', () => {
    const lastRollout = {
      outcome: 'failed' as const,
      generation: 2,
      revision: 2,
      templateHash: after.templateHash,
      at: NOW,
      failure: { reason: 'ReadyTimeout' as const, message: 'slot 0 was not ready within 3s', slot: 0 },
    };
    const back: DesiredApp = { ...before, generation: 3, lastRollout };
    const { actions } = planOf([old0, next(0), old1, old2], { app: back });
    expect(short(actions)).toContain('stop 0 RolledBack');
  });

  it('leaves the others alone while the old one ends, because it lives', () => {
    const { actions, holds } = planOf([{ ...old0, state: 'stopping' }, next(0), old1, old2]);
    expect(actions).toEqual([]);
    expect(holds.at(-1)?.message).toBe(
      'rollout: slot 0 waits for process 4000 to end, 2 slots to replace after it',
    );
  });

  it('goes on with the next slot once it has ended', () => {
    expect(short(planOf([next(0), old1, old2]).actions)).toEqual(['start 1 TemplateChanged']);
  });

  it('starts as many at once as parallel and max_surge both allow', () => {
    const starts = (fields: Partial<AppSpec['rollout']>) =>
      short(planOf([old0, old1, old2], { app: withRollout(fields) }).actions);
    expect(starts({ max_surge: 2, parallel: 3 })).toHaveLength(2);
    expect(starts({ max_surge: 3, parallel: 2 })).toHaveLength(2);
  });

  it('starts beside before it stops, where both are allowed', () => {
    const app = withRollout({ max_surge: 1, max_unavailable: 1, parallel: 2 });
    expect(short(planOf([old0, old1, old2], { app }).actions)).toEqual([
      'stop 1 TemplateChanged',
      'start 0 TemplateChanged',
    ]);
  });

  it('ends an old process at once that serves nobody, and takes no room for it', () => {
    const { actions } = planOf([{ ...old0, probedReady: false }, old1, old2]);
    expect(short(actions)).toEqual(['stop 0 TemplateChanged']);
  });

  it('does not end one of which nobody knows yet whether it serves', () => {
    const notReady = { forMs: 0, because: 'not probed yet', isDue: false, undecided: true } as const;
    const unknown = runAll(before, { probedReady: false, notReady });
    expect(short(planOf(unknown).actions)).toEqual(['start 0 TemplateChanged']);
    expect(planOf([...unknown, next(0, { upMs: 10 })]).actions).toEqual([]);
  });

  it('keeps a pair when max_surge is lowered meanwhile, and fills an empty slot beside it', () => {
    const app = withRollout({ max_surge: 0, max_unavailable: 1 });
    const pair = [old0, next(0, { upMs: 10 })];
    expect(planOf([...pair, old1, old2], { app }).actions).toEqual([]);
    expect(short(planOf([...pair, old1], { app }).actions)).toEqual(['start 2 ScaledUp']);
  });

  it('carries the reason of the restart', () => {
    const lastRestart = { reason: 'CronRestart', detail: 'every day', at: NOW } as const;
    const app = { ...before, generation: 2, restartGeneration: 1, lastRestart };
    expect(short(planOf([old0, old1, old2], { app }).actions)).toEqual(['start 0 CronRestart']);
  });

  it('counts a slot with a pair as one process to touch', () => {
    const { changes, summary } = planOf([old0, next(0, { upMs: 10 }), old1, next(2)]);
    expect(changes[0]).toMatchObject({ kind: 'restart', reason: 'TemplateChanged', touches: 2 });
    expect(summary).toMatchObject({ processesTouched: 2, processesUntouched: 2 });
  });
});

describe('a new version that crashes beside the old one, where the rollout goes on', () => {
  const crashed = makeHistory(after, { lastNonce: 'new-0', lastGeneration: 2, attempt: 4, jitter: 0.5 });

  it('waits for its back-off in the slot where it was tried, and is tried nowhere else', () => {
    const { actions, holds, requeueAfterMs } = planOf([old0, old1, old2], { slots: [crashed] });
    expect(actions).toEqual([]);
    expect(requeueAfterMs).toBe(400);
    expect(holds.map(({ slot, reason }) => [slot, reason])).toEqual([
      [0, 'BackOff'],
      [null, 'RolloutInProgress'],
    ]);
  });

  it('is tried again there when the back-off is over', () => {
    const slots = [{ ...crashed, lastExit: makeExit({ at: NOW - 60_000 }) }];
    expect(short(planOf([old0, old1, old2], { slots }).actions)).toEqual(['start 0 TemplateChanged']);
  });

  it('takes no old process with it when it has failed for good', () => {
    const app = { ...after, spec: { ...after.spec, max_restarts: 0 } };
    expect(planOf([old0, old1, old2], { app, slots: [crashed] }).actions).toEqual([]);
  });

  it('has the old one end when it ended on purpose, and is not run a second time', () => {
    const app = { ...after, spec: { ...after.spec, stop_exit_codes: [0] } };
    const done = { ...crashed, lastExit: makeExit({ code: 0 }) };
    expect(short(planOf([old0, old1, old2], { app, slots: [done] }).actions)).toContain(
      'stop 0 TemplateChanged',
    );
    expect(planOf([next(1), next(2)], { app, slots: [done] }).actions).toEqual([]);
  });
});

describe('a newer version in the middle of a rollout', () => {
  const newest = makeApp('web', { spec: { ...after.spec, env: { LOG: 'info' } }, generation: 3 });
  const isStopped = (actions: readonly Action[]) =>
    actions.flatMap((it) => ('nonce' in it ? [it.nonce] : []));

  it('keeps the process that serves and ends the one that was to replace it', () => {
    const { actions } = planOf([old0, next(0, { upMs: 10 }), old1, old2], { app: newest });
    expect(isStopped(actions)).toEqual(['new-0']);
    expect(actions[0]).toMatchObject({ kind: 'stop', reason: 'TemplateChanged' });
  });

  it('keeps the version that has proven itself, of two that serve', () => {
    const previous = { ...before, slotRestarts: {} };
    const app = { ...newest, rollout: { previous, startedAt: NOW, paused: null } };
    const young = { ...old0, startedAt: NOW - 5_000 };
    expect(isStopped(planOf([young, next(0), old1, old2], { app }).actions)).toEqual(['new-0']);
  });

  it('starts beside it only when the slot holds one process again', () => {
    const leaving = next(0, { upMs: 10, state: 'stopping' });
    const app = { ...newest, spec: { ...newest.spec, rollout: { ...rollout, max_surge: 2 } } };
    expect(short(planOf([old0, leaving, old1, old2], { app }).actions)).toEqual(['start 1 TemplateChanged']);
  });
});

describe('an app that is stopped or scaled down in the middle of a rollout', () => {
  it('ends both processes of a pair', () => {
    const app = { ...after, override: { run: 'stopped' as const, by: 'ann', at: NOW } };
    const { actions, changes } = planOf([old0, next(0)], { app });
    expect(actions.map(({ kind }) => kind)).toEqual(['stop', 'stop']);
    expect(changes[0]).toMatchObject({ touches: 2 });
    const less = { ...after, override: { instances: 2, by: 'ann', at: NOW } };
    const pair = [old2, next(2, { upMs: 10 })];
    const stops = planOf([next(0), next(1), ...pair], { app: less }).actions;
    expect(short(stops)).toEqual(['stop 2 ScaledByOperator', 'stop 2 ScaledByOperator']);
  });
});

describe('a process of the version before', () => {
  it('is judged by what it declares itself, and not by a probe that came with its successor', () => {
    const slow = { ...after, spec: { ...after.spec, min_uptime: 3_600_000 } };
    const app = {
      ...slow,
      rollout: { previous: { ...before, slotRestarts: {} }, startedAt: NOW, paused: null },
    };
    expect(short(planOf([old0, old1, old2], { app }).actions)).toEqual(['start 0 TemplateChanged']);
    expect(planOf([old0, old1, old2], { app }).health[0]).toMatchObject({ readyInstances: 3 });
  });
});

describe('apps that depend on one whose versions change', () => {
  const needs = makeApp('worker', { spec: { depends_on: { web: 'ready' } } });
  const both = (instances: readonly ObservedInstance[], dependent = needs) =>
    plan(
      [after, dependent],
      observe({ instances, accepted: [accept(after), accept(dependent)] }),
      NOW,
    ).actions.filter(({ key }) => key === dependent.key);

  it('are started as long as any version serves', () => {
    expect(short(both([old0, next(0, { upMs: 10 }), old1, old2]))).toEqual(['start 0 NotRunning']);
  });

  it('are replaced when the new version has proven itself', () => {
    const changed = { ...needs, templateHash: 'other', generation: 2 };
    const runs = makeInstance(needs);
    expect(both([next(0), next(1), next(2, { upMs: 1_500 }), runs], changed)).toEqual([]);
    expect(short(both([next(0), next(1), next(2), runs], changed))).toEqual(['stop 0 TemplateChanged']);
  });
});
