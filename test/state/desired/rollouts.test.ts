import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppKey } from '../../../src/lib/app-key.ts';
import type { RolloutFailure } from '../../../src/plan/model/rollout.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { desiredApps } from '../../../src/state/desired/desired.ts';
import { resultOf } from '../../../src/state/desired/revision-outcomes.ts';
import { reduce, reduceAll, type Projects } from '../../../src/state/desired/reducer.ts';
import type { AppRecord, Fact, ProjectRecord } from '../../../src/state/model/types.ts';
import { accepted, appSpec, restartOf } from '../specs.ts';

const KEY: AppKey = 'shop/web';
const crashed: RolloutFailure = {
  reason: 'Exited',
  message: 'slot 0 exited with code 1 after 0.2s',
  slot: 0,
};

/** The app `web`, version by version: another script is another template. */
function version(number: number, fields: Partial<AppSpec> = {}): AppSpec {
  return appSpec({ name: 'web', script: `/srv/v${number}.js`, rollout: onFailure('rollback'), ...fields });
}

function onFailure(on_failure: AppSpec['rollout']['on_failure']): AppSpec['rollout'] {
  return { max_surge: 1, max_unavailable: 0, parallel: 1, min_ready: 1_000, deadline: null, on_failure };
}

function apply(spec: AppSpec, at = 1_000): Fact {
  return accepted('shop', [spec], { at });
}

function app(projects: Projects): AppRecord {
  const found = projects.get('shop')?.apps.web;
  if (found === undefined) throw new Error('no app web');
  return found;
}

function project(projects: Projects): ProjectRecord {
  const found = projects.get('shop');
  if (found === undefined) throw new Error('no project shop');
  return found;
}

/** Each fact, or what makes one of the state that it meets. */
type Step = Fact | ((projects: Projects) => Fact);

function after(...steps: readonly Step[]): Projects {
  return steps.reduce<Projects>(
    (projects, step) => reduce(projects, typeof step === 'function' ? step(projects) : step),
    new Map(),
  );
}

const completed = (projects: Projects): Fact => ({
  kind: 'rollout-completed',
  key: KEY,
  generation: app(projects).generation,
  at: 7_000,
});

const failed = (projects: Projects): Fact => ({
  kind: 'rollout-failed',
  key: KEY,
  generation: app(projects).generation,
  failure: crashed,
  at: 8_000,
});

const paused = (by: string | null): Fact => ({
  kind: 'rollout-paused',
  key: KEY,
  paused: by === null ? null : { by, at: 9_000 },
  at: 9_000,
});

const pausing = { rollout: onFailure('pause') };
const going = { rollout: onFailure('continue') };

describe('a rollout begins', () => {
  test('with a new app, which has nothing to go back to', () => {
    const first = app(after(apply(version(1))));
    expect(first.rollout).toEqual({ previous: null, startedAt: 1_000, paused: null });
    expect(first.lastRollout).toBeUndefined();
  });

  test('with a new template, and keeps the version that had proven itself', () => {
    const proven = after(apply(version(1)), completed);
    const next = app(reduce(proven, apply(version(2), 2_000)));
    expect(next.rollout).toEqual({
      previous: {
        spec: version(1),
        templateHash: 'hash-of-/srv/v1.js',
        restartGeneration: 0,
        slotRestarts: {},
        revision: 1,
      },
      startedAt: 2_000,
      paused: null,
    });
  });

  test.each([
    ['live', { kill_timeout: 1 }],
    ['scale', { instances: 3 }],
  ])('not with a %s change, which keeps one that is under way', (_, fields) => {
    const proven = after(apply(version(1)), completed);
    expect(app(reduce(proven, apply(version(1, fields)))).rollout).toBeUndefined();
    const rolling = after(apply(version(1)), completed, apply(version(2), 2_000));
    const changed = app(reduce(rolling, apply(version(2, fields), 3_000)));
    expect(changed.rollout).toBe(app(rolling).rollout);
    expect(changed.lastRollout).toBe(app(rolling).lastRollout);
  });

  test.each([null, 1])('with a restart of slot %s', (slot) => {
    const restarted = app(after(apply(version(1)), completed, restartOf(KEY, slot)));
    expect(restarted.rollout).toMatchObject({ previous: { restartGeneration: 0, slotRestarts: {} } });
  });

  test('neither for a scheduled job nor for a run of it', () => {
    const job = version(1, { schedule: '* * * * *' });
    const run: Fact = { ...restartOf(KEY, 0), kind: 'restart-requested', run: true };
    expect(app(after(apply(job), apply(version(2, { schedule: '* * * * *' })), run)).rollout).toBeUndefined();
  });

  test('not for what does not run: an app that is stopped, or started again', () => {
    const stopped: Fact = {
      kind: 'override-set',
      key: KEY,
      override: { run: 'stopped', by: 'ann', at: 5 },
    };
    const proven = after(apply(version(1)), completed);
    expect(app([stopped, restartOf(KEY)].reduce(reduce, proven)).rollout).toBeUndefined();
    const start: Fact = { ...restartOf(KEY), kind: 'restart-requested', reason: 'StartedByOperator' };
    expect(app(reduce(proven, start)).rollout).toBeUndefined();
  });

  test('in place of another, and keeps what that one would have gone back to', () => {
    const rolling = after(apply(version(1)), completed, apply(version(2)), apply(version(3), 3_000));
    expect(app(rolling).rollout).toMatchObject({ previous: { spec: version(1) }, startedAt: 3_000 });
    expect(app(rolling).lastRollout).toMatchObject({ outcome: 'superseded', generation: 2, revision: 2 });
  });
});

describe('a rollout that is completed', () => {
  test('leaves a version that has proven itself', () => {
    const done = app(after(apply(version(1)), completed, apply(version(2)), completed));
    expect(done.rollout).toBeUndefined();
    expect(done.lastRollout).toEqual({
      outcome: 'succeeded',
      generation: 2,
      revision: 2,
      templateHash: 'hash-of-/srv/v2.js',
      at: 7_000,
      failure: null,
    });
  });

  test('of a first version takes the place of nothing, and none is told of', () => {
    const done = app(after(apply(version(1)), completed));
    expect(done.rollout).toBeUndefined();
    expect(done.lastRollout).toBeUndefined();
    expect(app(after(apply(version(1)), apply(version(2)))).lastRollout).toBeUndefined();
  });

  test('says whether what has proven itself listens, for as long as no other version has', () => {
    const listening = (projects: Projects): Fact => ({ ...completed(projects), listens: true }) as Fact;
    const rolling = after(apply(version(1)), listening, apply(version(2)));
    expect(app(rolling).listens).toBe(true);
    expect(desiredApps(rolling)).toMatchObject([{ listens: true }]);
    expect(app(reduce(rolling, completed(rolling))).listens).toBeUndefined();
  });

  test('is none of an older generation, and is completed once', () => {
    const rolling = after(apply(version(1)), completed, apply(version(2)));
    const stale: Fact = { kind: 'rollout-completed', key: KEY, generation: 1, at: 1 };
    expect(reduce(rolling, stale)).toBe(rolling);
    const done = reduce(rolling, completed(rolling));
    expect(reduce(done, completed(done))).toBe(done);
  });
});

describe('a rollout that fails', () => {
  const rolling = after(apply(version(1, { instances: 2 })), completed, apply(version(2)));

  test('goes back to the version before, as a new revision of the project', () => {
    const back = reduce(rolling, failed(rolling));
    expect(project(back).revision).toBe(3);
    expect(app(back)).toMatchObject({
      spec: version(1, { instances: 2 }),
      templateHash: 'hash-of-/srv/v1.js',
      generation: 3,
      revision: 1,
      createdAt: 1_000,
      lastRollout: {
        outcome: 'failed',
        generation: 2,
        revision: 2,
        templateHash: 'hash-of-/srv/v2.js',
        failure: crashed,
      },
    });
    expect(app(back).rollout).toBeUndefined();
    expect(app(back).lastFailed).toEqual(app(back).lastRollout);
    expect(project(back).lastGeneration).toBe(3);
  });

  test('keeps overrides', () => {
    const scaled: Fact = { kind: 'override-set', key: KEY, override: { instances: 5, by: 'ann', at: 5 } };
    const back = after(apply(version(1)), completed, apply(version(2)), scaled, failed);
    expect(app(back).override).toEqual({ instances: 5, by: 'ann', at: 5 });
  });

  test('of an older generation means nothing', () => {
    const newer = reduce(rolling, apply(version(3)));
    expect(reduce(newer, failed(rolling))).toBe(newer);
  });

  test('without a version to go back to means nothing', () => {
    const first = after(apply(version(1)));
    expect(reduce(first, failed(first))).toBe(first);
  });

  test('of a restart takes back the restart, and leaves what was declared live since', () => {
    const back = after(
      apply(version(1)),
      completed,
      restartOf(KEY),
      apply(version(1, { kill_timeout: 9 })),
      failed,
    );
    expect(app(back)).toMatchObject({ restartGeneration: 0, revision: 2, spec: { kill_timeout: 9 } });
    expect(app(back).lastFailed).toBeUndefined();
    expect(project(back).revision).toBe(2);
  });

  test('leaves no restart counter to be given twice: a process of the failed one may be there still', () => {
    const back = after(apply(version(1)), completed, restartOf(KEY), failed);
    expect(app(reduce(back, restartOf(KEY))).restartGeneration).toBe(2);
    const slots = reduce(back, restartOf(KEY, 1));
    expect(app(slots)).toMatchObject({ restartGeneration: 0, slotRestarts: { 1: 2 } });
    const again = after(
      apply(version(1)),
      completed,
      apply(version(2)),
      restartOf(KEY, 0),
      failed,
      apply(version(2)),
    );
    expect(app(again).restartGeneration).toBe(2);
  });

  test('waits where the spec says to pause', () => {
    const waiting = after(apply(version(1)), completed, apply(version(2, pausing)), failed);
    expect(app(waiting)).toMatchObject({
      generation: 2,
      spec: { script: '/srv/v2.js' },
      rollout: { previous: { spec: version(1) }, paused: { by: 'stateward', at: 8_000, failure: crashed } },
    });
    expect(reduce(waiting, failed(waiting))).toBe(waiting);
  });

  test('goes on where the spec says so, also when it says so only now', () => {
    const on = after(apply(version(1)), completed, apply(version(2, going)));
    expect(reduce(on, failed(on))).toBe(on);
    const changed = after(apply(version(1)), completed, apply(version(2)), apply(version(2, going)));
    expect(reduce(changed, failed(changed))).toBe(changed);
  });
});

describe('a version that has failed', () => {
  test('is tried again when it is applied again', () => {
    const again = after(apply(version(1)), completed, apply(version(2)), failed, apply(version(2), 9_500));
    expect(app(again)).toMatchObject({
      generation: 4,
      rollout: { previous: { spec: version(1), revision: 1 }, startedAt: 9_500, paused: null },
      lastFailed: { templateHash: 'hash-of-/srv/v2.js' },
    });
    const good = reduce(again, completed(again));
    expect(app(good).lastFailed).toBeUndefined();
  });

  test('that waits is tried again when it is applied, resumed or restarted by a person', () => {
    const waiting = after(apply(version(1)), completed, apply(version(2, pausing)), failed);
    for (const again of [apply(version(2, pausing), 9_500), paused(null), restartOf(KEY)]) {
      const next = app(reduce(waiting, again));
      expect(next.rollout).toMatchObject({ previous: { spec: version(1) }, paused: null });
      expect(next.generation).toBe(3);
      expect(next.rollout?.startedAt).not.toBe(app(waiting).rollout?.startedAt);
    }
  });

  test('that waits is not tried again by anything else', () => {
    const waiting = after(apply(version(1)), completed, apply(version(2, pausing)), failed);
    const cron: Fact = { ...restartOf(KEY), kind: 'restart-requested', reason: 'CronRestart' };
    expect(app(reduce(waiting, cron)).rollout).toBe(app(waiting).rollout);
  });

  test('has failed also when something newer takes its place while it waits', () => {
    const next = after(
      apply(version(1)),
      completed,
      apply(version(2, pausing)),
      failed,
      apply(version(3), 9_500),
    );
    expect(app(next).lastRollout).toMatchObject({ outcome: 'failed', generation: 2, failure: crashed });
    expect(app(next).rollout).toMatchObject({ previous: { spec: version(1) }, paused: null });
  });
});

describe('a rollout that a person pauses', () => {
  const rolling = after(apply(version(1)), completed, apply(version(2)));

  test('waits until it is resumed, and has its time again then', () => {
    const waiting = reduce(rolling, paused('ann'));
    expect(app(waiting).rollout?.paused).toEqual({ by: 'ann', at: 9_000, failure: null });
    expect(app(waiting).generation).toBe(2);
    expect(reduce(waiting, paused('bob'))).toBe(waiting);
    const resumed = reduce(waiting, paused(null));
    expect(app(resumed).rollout).toMatchObject({ paused: null, startedAt: 9_000 });
    expect(reduce(resumed, paused(null))).toBe(resumed);
  });

  test('stays paused through restarts and an apply of the same file', () => {
    const waiting = reduce(rolling, paused('ann'));
    expect(reduce(waiting, apply(version(2)))).toBe(waiting);
    expect(app(reduce(waiting, restartOf(KEY))).rollout).toBe(app(waiting).rollout);
  });

  test('gives way to a newer version', () => {
    const next = after(apply(version(1)), completed, apply(version(2)), paused('ann'), apply(version(3)));
    expect(app(next).rollout?.paused).toBeNull();
  });
});

test('going back by hand to what has proven itself ends the rollout, and keeps what runs of it', () => {
  const back = after(apply(version(1)), completed, apply(version(2)), restartOf(KEY), apply(version(1)));
  expect(app(back)).toMatchObject({ restartGeneration: 0, lastRollout: { outcome: 'superseded' } });
  expect(app(back).rollout).toBeUndefined();
});

test('a record of an older version has proven itself', () => {
  const { rollout: _, ...old } = app(after(apply(version(1))));
  const { outcomes: __, ...record } = project(after(apply(version(1))));
  const before: Projects = new Map([['shop', { ...record, apps: { web: old } }]]);
  expect(reduce(before, apply(version(1)))).toBe(before);
  const next = reduce(before, apply(version(2)));
  expect(app(next).rollout?.previous?.spec).toEqual(version(1));
  expect(resultOf(project(next), 1)).toBeNull();
});

describe('what came of a revision', () => {
  const results = (projects: Projects): readonly (string | null)[] =>
    Array.from({ length: project(projects).revision }, (_, index) => {
      const result = resultOf(project(projects), index + 1);
      return result && (result.message ?? result.state);
    });

  test('is open until every app that it changed has proven itself', () => {
    const shop = [version(1), appSpec({ name: 'api' })];
    const both = after(accepted('shop', shop));
    expect(results(both)).toEqual(['progressing']);
    const one = reduce(both, completed(both));
    expect(results(one)).toEqual(['progressing']);
    const all = reduce(one, { kind: 'rollout-completed', key: 'shop/api', generation: 1, at: 2 });
    expect(results(all)).toEqual(['succeeded']);
  });

  test('is success at once where nothing is rolled out', () => {
    expect(results(after(apply(version(1)), completed, apply(version(1, { instances: 2 }))))).toEqual([
      'succeeded',
      'succeeded',
    ]);
  });

  test('is a failure with its reason, and the rollback a success', () => {
    expect(results(after(apply(version(1)), completed, apply(version(2)), failed))).toEqual([
      'succeeded',
      `shop/web: ${crashed.message}`,
      'succeeded',
    ]);
  });

  test('is open again when a rollout that failed is resumed', () => {
    const waiting = after(apply(version(1)), completed, apply(version(2, pausing)), failed);
    expect(results(waiting)[1]).toBe(`shop/web: ${crashed.message}`);
    const resumed = reduce(waiting, paused(null));
    expect(results(resumed)[1]).toBe('progressing');
    expect(results(reduce(resumed, completed(resumed)))[1]).toBe('succeeded');
    expect(results(reduce(waiting, apply(version(3))))[1]).toBe(`shop/web: ${crashed.message}`);
  });

  test('is superseded when a newer one came first, or the app was deleted', () => {
    const rolling = after(apply(version(1)), completed, apply(version(2)));
    expect(results(reduce(rolling, apply(version(3))))).toEqual(['succeeded', 'superseded', 'progressing']);
    const deleted = reduce(rolling, { kind: 'apps-deleted', keys: [KEY], at: 1 });
    expect(results(deleted)).toEqual(['succeeded', 'superseded', 'succeeded']);
  });

  test('does not change with restarts that fail later on', () => {
    expect(results(after(apply(version(1)), completed, restartOf(KEY), failed))).toEqual(['succeeded']);
  });

  test.each([
    [undefined, 20],
    [7, 7],
  ])('is kept for as many revisions as there are: %s', (kept, count) => {
    let many: Projects = new Map();
    for (let number = 0; number < 30; number++) many = reduceAll(many, [apply(version(number))], kept);
    expect(Object.keys(project(many).outcomes ?? {})).toHaveLength(count);
    expect(resultOf(project(many), 30 - count)).toBeNull();
    expect(resultOf(project(many), 31 - count)).not.toBeNull();
  });
});

type Move = { readonly fact: Step; readonly proves: boolean };

const moves: fc.Arbitrary<Move> = fc.oneof(
  fc
    .record({
      script: fc.integer({ min: 1, max: 4 }),
      instances: fc.integer({ min: 1, max: 2 }),
      policy: fc.constantFrom('rollback' as const, 'pause' as const, 'continue' as const),
    })
    .map(({ script, instances, policy }) => ({
      fact: apply(version(script, { instances, rollout: onFailure(policy) })),
      proves: false,
    })),
  fc.constantFrom(null, 0, 1).map((slot) => ({ fact: restartOf(KEY, slot), proves: false })),
  fc.constant({ fact: completed, proves: true }),
  fc.constant({ fact: failed, proves: false }),
  fc.constantFrom('ann', null).map((by) => ({ fact: paused(by), proves: false })),
  fc.constantFrom('stopped' as const, null).map((run) => ({
    fact: {
      kind: 'override-set',
      key: KEY,
      override: run && { run, by: 'ann', at: 5 },
    } satisfies Fact,
    proves: false,
  })),
);

function identityOf({
  templateHash,
  restartGeneration,
  slotRestarts,
}: Pick<AppRecord, 'templateHash' | 'restartGeneration' | 'slotRestarts'>): string {
  return JSON.stringify([templateHash, restartGeneration, slotRestarts ?? {}]);
}

test('whatever happens, an app only ever goes back to a version that had proven itself', () => {
  fc.assert(
    fc.property(fc.array(moves, { maxLength: 25 }), (steps) => {
      let projects = after(apply(version(1)));
      const proven = new Set<string>();
      for (const { fact: step, proves } of steps) {
        const before = app(projects);
        if (proves && before.rollout !== undefined) proven.add(identityOf(before));
        const fact = typeof step === 'function' ? step(projects) : step;
        projects = reduce(projects, fact);
        const next = app(projects);
        // A restart of what does not run is not a new version.
        if (before.rollout === undefined && fact.kind === 'restart-requested' && next.rollout === undefined)
          proven.add(identityOf(next));
        const grown = next !== before ? next.generation - before.generation : 0;
        expect([0, 1]).toContain(grown);
        if (next.spec !== before.spec) expect(grown).toBe(1);
        if (next.rollout?.previous != null) expect(proven).toContain(identityOf(next.rollout.previous));
        else if (next.rollout === undefined && next.override === null && before.override === null)
          expect(proven).toContain(identityOf(next));
        const result = resultOf(project(projects), project(projects).revision);
        expect(result).not.toBeNull();
        // What is said twice about one generation is said once.
        if (step === failed || step === completed) expect(reduce(projects, fact)).toBe(projects);
      }
    }),
    { numRuns: 2_000 },
  );
});
