import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/plan/plan.ts';
import type { RolloutBounds } from '../../../src/plan/decide/bounds.ts';
import { howToReplace, planRollout, type Replacement } from '../../../src/plan/decide/rollout.ts';
import { classifySlots } from '../../../src/plan/slots/slots.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../../../src/plan/model/observed.ts';
import type { Plan } from '../../../src/plan/model/plan.ts';
import {
  accept,
  makeApp,
  makeExit,
  makeHistory,
  makeInstance,
  NOW,
  observe,
  runAll,
  short,
} from '../fixtures.ts';

function planOf(
  app: DesiredApp,
  instances: readonly ObservedInstance[],
  slots: readonly SlotHistory[] = [],
): Plan {
  const history = [{ key: app.key, slots }];
  return plan([app], observe({ instances, history, accepted: [accept(app)] }), NOW);
}

const spec = { instances: 3 };
const before = makeApp('web', { spec });
const after = makeApp('web', { spec: { ...spec, env: { LOG: 'debug' } }, generation: 2, revision: 2 });
const [old0, old1, old2] = runAll(before) as [ObservedInstance, ObservedInstance, ObservedInstance];

function next(slot: number, fields: Partial<ObservedInstance> = {}): ObservedInstance {
  return makeInstance(after, { slot, nonce: `new-${slot}`, ...fields });
}

describe('a rollout', () => {
  it('replaces the lowest slot first, one at a time', () => {
    const { actions, holds } = planOf(after, [old0, old1, old2]);
    expect(short(actions)).toEqual(['stop 0 TemplateChanged']);
    expect(holds).toMatchObject([
      {
        slot: null,
        reason: 'RolloutInProgress',
        message: 'rollout: slot 0 not ready, 2 slots to replace after it',
      },
    ]);
  });

  it('waits while the old process ends', () => {
    const { actions } = planOf(after, [{ ...old0, state: 'stopping' }, old1, old2]);
    expect(actions).toEqual([]);
  });

  it('starts the new process once the old one has ended', () => {
    const exit = makeExit({ requested: true, signal: 'SIGINT', code: null, upMs: 60_000 });
    const ended = { ...old0, state: 'exited' as const, exit };
    const slots = [makeHistory(before, { lastExit: exit, lastNonce: old0.nonce, attempt: 0 })];
    const { actions } = planOf(after, [ended, old1, old2], slots);
    expect(short(actions)).toEqual(['start 0 TemplateChanged', 'forget 0 ExitRecorded']);
  });

  it('waits for the replacement to be ready before the next slot, and says how long', () => {
    const { actions, holds, requeueAfterMs } = planOf(after, [next(0, { upMs: 400 }), old1, old2]);
    expect(actions).toEqual([]);
    expect(requeueAfterMs).toBe(600);
    expect(holds.map(({ message }) => message)).toEqual([
      'not up for min_uptime yet, 0.6s left',
      'rollout: slot 0 not ready, 0.6s left, 2 slots to replace after it',
    ]);
  });

  it('goes on with the next slot when the replacement is ready', () => {
    expect(short(planOf(after, [next(0), old1, old2]).actions)).toEqual(['stop 1 TemplateChanged']);
  });

  it('is over when the last slot is replaced', () => {
    const done = planOf(after, [next(0), next(1), next(2)]);
    expect(done.actions).toEqual([]);
    expect(done.health).toMatchObject([{ converged: true, health: 'Healthy', sync: 'Synced' }]);
  });

  it('leaves the other slots alone when the new version crashes', () => {
    const exit = makeExit({ at: NOW - 10 });
    const slots = [makeHistory(after, { lastExit: exit, lastNonce: 'new-0', attempt: 4, jitter: 0.5 })];
    const { actions, holds } = planOf(after, [old1, old2], slots);
    expect(actions).toEqual([]);
    expect(holds.map(({ reason }) => reason)).toEqual(['BackOff', 'RolloutInProgress']);
  });

  it('leaves the other slots alone when the new version has failed for good', () => {
    const limited = makeApp('web', { ...after, spec: { ...after.spec, max_restarts: 0 } });
    const slots = [makeHistory(limited, { lastNonce: 'new-0' })];
    expect(planOf(limited, [old1, old2], slots).actions).toEqual([]);
  });

  it('lets a newer version past one that does not get ready', () => {
    const newest = makeApp('web', { spec: { ...spec, env: { LOG: 'info' } }, generation: 3 });
    const stuck = next(0, { probedReady: false });
    expect(short(planOf(newest, [stuck, old1, old2]).actions)).toEqual(['stop 0 TemplateChanged']);
    expect(short(planOf(newest, [makeInstance(newest), old1, old2]).actions)).toEqual([
      'stop 1 TemplateChanged',
    ]);
  });

  it('lets a newer version past one that is waiting for its back-off', () => {
    const newest = makeApp('web', { spec: { ...spec, env: { LOG: 'info' } }, generation: 3 });
    const slots = [makeHistory(after, { attempt: 9, lastNonce: 'new-0' })];
    expect(short(planOf(newest, [old1, old2], slots).actions)).toEqual(['start 0 NotRunning']);
  });

  it('replaces a process that is not ready before one that is', () => {
    const { actions } = planOf(after, [old0, old1, { ...old2, probedReady: false }]);
    expect(short(actions)).toEqual(['stop 2 TemplateChanged']);
  });

  it('lets added slots prove the new version before it touches an old one', () => {
    const wider = makeApp('web', { spec: { ...after.spec, instances: 4 }, generation: 2 });
    expect(short(planOf(wider, [old0, old1, old2]).actions)).toEqual(['start 3 ScaledUp']);
    const starting = next(3, { state: 'starting', upMs: 0 });
    expect(planOf(wider, [old0, old1, old2, starting]).actions).toEqual([]);
    expect(short(planOf(wider, [old0, old1, old2, next(3)]).actions)).toEqual(['stop 0 TemplateChanged']);
  });

  it('goes past a slot that has completed', () => {
    const job = makeApp('web', { ...after, spec: { ...after.spec, autorestart: false } });
    const slots = [makeHistory(job, { lastExit: makeExit({ code: 0 }), lastNonce: 'new-0' })];
    expect(short(planOf(job, [old1, old2], slots).actions)).toEqual(['stop 1 TemplateChanged']);
  });
});

describe('a restart', () => {
  it('goes through the slots one at a time, like a rollout', () => {
    const restarted = makeApp('web', { spec, generation: 2, restartGeneration: 1 });
    expect(short(planOf(restarted, [old0, old1, old2]).actions)).toEqual(['stop 0 RestartRequested']);
    const fresh = makeInstance(restarted, { nonce: 'fresh' });
    expect(short(planOf(restarted, [fresh, old1, old2]).actions)).toEqual(['stop 1 RestartRequested']);
  });

  it('starts what waits or has failed at once', () => {
    const restarted = makeApp('web', { generation: 2, restartGeneration: 1, spec: { max_restarts: 0 } });
    const slots = [makeHistory(makeApp('web'), { attempt: 9 })];
    expect(short(planOf(restarted, [], slots).actions)).toEqual(['start 0 RestartRequested']);
  });
});

describe('a change of fields that need no new process', () => {
  const live = makeApp('web', { spec: { ...spec, max_restarts: 3 }, generation: 2, revision: 9 });

  it('takes the processes over as they are', () => {
    const { actions, summary } = planOf(live, [old0, old1, old2]);
    expect(short(actions)).toEqual(['adopt 0 Adopted', 'adopt 1 Adopted', 'adopt 2 Adopted']);
    expect(actions[0]).toMatchObject({ nonce: old0.nonce, app: { generation: 2, revision: 9 } });
    expect(summary.processesTouched).toBe(0);
  });

  it('leaves a process alone that is on its way out', () => {
    expect(
      planOf(live, [{ ...old0, state: 'stopping' }, old1, old2]).actions.map(({ slot }) => slot),
    ).toEqual([1, 2]);
  });

  it('takes nothing over that is to be replaced anyway', () => {
    const { actions } = planOf(after, [old0]);
    expect(actions.some(({ kind }) => kind === 'adopt')).toBe(false);
  });
});

describe('the choice of what to replace next', () => {
  const six = { instances: 6 };
  const declared = makeApp('web', { spec: six, generation: 2 });
  const bounds: RolloutBounds = { maxSurge: 0, maxUnavailable: 2, parallel: 3 };

  /** One letter a slot: r ready and outdated, u not ready and outdated, R ready, U not ready, - empty. */
  function choose(slots: string, limits: RolloutBounds = bounds): readonly number[] {
    const instances = [...slots.split('').entries()].flatMap(([slot, letter]) => {
      if (letter === '-') return [];
      const templateHash = letter === letter.toUpperCase() ? declared.templateHash : 'older';
      return [makeInstance(declared, { slot, templateHash, probedReady: letter.toLowerCase() === 'r' })];
    });
    const appSlots = classifySlots(declared, { instances, history: [] }, NOW);
    return planRollout(appSlots, 'going', limits).replace.map(({ slot }) => slot);
  }

  it.each<[string, readonly number[]]>([
    ['rrrrrr', [0, 1]],
    ['RRrrrr', [2, 3]],
    ['Urrrrr', [1]],
    ['UUrrrr', []],
    ['-rrrrr', [1]],
    ['--rrrr', []],
    ['rurrrr', [1, 0]],
    ['uuurrr', [0, 1, 2]],
    ['uuuuuu', [0, 1, 2]],
    ['Uuuuuu', [1, 2]],
    ['UUUuuu', []],
    ['RRRRRR', []],
  ])('keeps to the bounds for %s', (slots, expected) => {
    expect(choose(slots)).toEqual(expected);
  });

  it('takes one at a time of those that are not ready, too, where one at a time is the rule', () => {
    const one: RolloutBounds = { maxSurge: 0, maxUnavailable: 1, parallel: 1 };
    expect(choose('ruurrr', one)).toEqual([1]);
    expect(choose('rUurrr', one)).toEqual([]);
  });
});

describe('how one process is replaced', () => {
  const app = makeApp('web', { generation: 2 });
  const ready = makeInstance(app, { templateHash: 'older', probedReady: true });
  const unready = { ...ready, probedReady: false };
  const now = { reason: 'RestartRequested', detail: 'asked for by ann', at: NOW, now: true } as const;
  const restarted = { ...app, restartGeneration: 1, lastRestart: now };
  const crash = makeHistory(app, { attempt: 3, lastNonce: 'new', lastGeneration: 2 });
  const isDone = { ...app, spec: { ...app.spec, autorestart: false } };
  const done = makeHistory(app, { lastNonce: 'new', lastExit: makeExit({ code: 0 }), lastGeneration: 2 });
  const plenty = { places: 1, room: 1, missing: 1 };

  it.each<[string, Replacement, Partial<typeof plenty>, DesiredApp, ObservedInstance, SlotHistory?]>([
    ['in a hurry', 'at-once', { places: 0, room: 0, missing: 0 }, restarted, makeInstance(app)],
    ['that keeps its address', 'at-once', { places: 0 }, app, { ...ready, socketsLost: true }],
    ['without a place', 'wait', { places: 0 }, app, ready],
    ['that is not ready, without a place', 'wait', { places: 0 }, app, unready],
    ['that is not ready', 'free', { room: 0, missing: 0 }, app, unready],
    ['whose successor has done its work', 'free', { room: 0, missing: 0 }, isDone, ready, done],
    ['with room beside it', 'surge', {}, app, ready],
    ['without room', 'stop-first', { room: 0 }, app, ready],
    ['without room, that would be missed', 'wait', { room: 0, missing: 0 }, app, ready],
    ['whose successor has crashed', 'wait', {}, app, ready, crash],
  ])('%s: %s', (_, expected, budget, of, instance, history) => {
    const table = { instances: [instance], history: history === undefined ? [] : [history] };
    const [slot] = classifySlots(of, table, NOW).slots;
    if (slot?.holds !== 'outdated') throw new Error(`the slot holds ${slot?.holds}`);
    expect(howToReplace(slot, { ...plenty, ...budget }, of)).toBe(expected);
  });

  it('waits to surge until what is beside it has ended', () => {
    const instances = [ready, { ...ready, nonce: 'going', state: 'stopping' as const }];
    const [slot] = classifySlots(app, { instances, history: [] }, NOW).slots;
    if (slot?.holds !== 'outdated') throw new Error(`the slot holds ${slot?.holds}`);
    expect(howToReplace(slot, { ...plenty, missing: 0 }, app)).toBe('wait');
  });
});
