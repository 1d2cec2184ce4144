import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Override } from '../../../src/plan/model/desired.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { AppRecord, Fact } from '../../../src/state/model/types.ts';
import { restartOf, accepted, appSpec } from '../specs.ts';

const NOTHING: Projects = new Map();
const stopped: Override = { run: 'stopped', by: 'ann', at: 5 };

function after(...facts: readonly Fact[]): Projects {
  return facts.reduce(reduce, NOTHING);
}

function app(projects: Projects, name: string): AppRecord | undefined {
  return projects.get('shop')?.apps[name];
}

const api = appSpec({ name: 'api' });
const web = appSpec({ name: 'web' });

describe('accepting a project', () => {
  test('gives a new project revision 1 and its apps generation 1', () => {
    const projects = after(accepted('shop', [api, web]));
    expect(projects.get('shop')).toMatchObject({ revision: 1, lastGeneration: 1 });
    expect(app(projects, 'api')).toMatchObject({
      generation: 1,
      restartGeneration: 0,
      revision: 1,
      override: null,
      createdAt: 1_000,
      templateHash: 'hash-of-/srv/app.js',
    });
  });

  test('changes nothing when the same file is applied again, whatever its order', () => {
    const once = after(accepted('shop', [api, web]));
    expect(reduce(once, accepted('shop', [api, web], { at: 2_000 }))).toBe(once);
    const reordered = reduce(once, accepted('shop', [web, api], { at: 2_000 }));
    expect(reordered.get('shop')).toEqual(once.get('shop'));
  });

  test('bumps only the app whose spec changed, and the revision', () => {
    const projects = after(
      accepted('shop', [api, web]),
      accepted('shop', [api, { ...web, kill_timeout: 1 }], { at: 2_000 }),
    );
    expect(projects.get('shop')?.revision).toBe(2);
    expect(app(projects, 'api')).toMatchObject({ generation: 1, revision: 1 });
    expect(app(projects, 'web')).toMatchObject({ generation: 2, revision: 2, createdAt: 1_000 });
  });

  test('keeps the template hash of an unchanged spec, so that another hash function rolls nothing', () => {
    const projects = after(
      accepted('shop', [api, web]),
      accepted('shop', [api, { ...web, instances: 2 }], { templateHashes: { api: 'other', web: 'other' } }),
    );
    expect(app(projects, 'api')?.templateHash).toBe('hash-of-/srv/app.js');
    expect(app(projects, 'web')?.templateHash).toBe('other');
  });

  test('removes absent apps with prune and keeps them without', () => {
    const before = accepted('shop', [api, web]);
    expect(app(after(before, accepted('shop', [api])), 'web')).toBeUndefined();
    const kept = after(before, accepted('shop', [api], { prune: false }));
    expect(app(kept, 'web')).toBeDefined();
    expect(kept.get('shop')?.revision).toBe(1);
  });

  test('takes part only in what `only` names', () => {
    const projects = after(
      accepted('shop', [api, web]),
      { kind: 'override-set', key: 'shop/web', override: stopped },
      accepted('shop', [{ ...api, instances: 2 }, appSpec({ name: 'new' })], { only: ['api'] }),
    );
    expect(Object.keys(projects.get('shop')?.apps ?? {})).toEqual(['api', 'web']);
    expect(app(projects, 'api')?.spec.instances).toBe(2);
    expect(app(projects, 'web')?.override).toEqual(stopped);
  });

  test('prunes only what `only` names', () => {
    const projects = after(accepted('shop', [api, web]), accepted('shop', [], { only: ['web'] }));
    expect(Object.keys(projects.get('shop')?.apps ?? {})).toEqual(['api']);
  });

  test('counts restarts of an app and of its slots apart, and keeps the reason of the last', () => {
    const projects = after(
      accepted('shop', [api]),
      restartOf('shop/api'),
      restartOf('shop/api', 1),
      restartOf('shop/api', 1),
    );
    expect(app(projects, 'api')).toMatchObject({
      generation: 4,
      restartGeneration: 1,
      slotRestarts: { 1: 2 },
      lastRestart: { reason: 'RestartRequested', detail: 'asked for by ann' },
    });
  });

  test('never reuses a generation for an app that comes back', () => {
    const projects = after(
      accepted('shop', [api]),
      restartOf('shop/api'),
      accepted('shop', []),
      accepted('shop', [api]),
    );
    expect(app(projects, 'api')).toMatchObject({ generation: 3, restartGeneration: 0, revision: 3 });
  });

  test.each<[string, Override, Partial<typeof api>, number]>([
    ['stopped', { run: 'stopped', by: 'ann', at: 1 }, {}, 3],
    ['scaled', { instances: 4, by: 'ann', at: 1 }, {}, 3],
    ['scaled to what is declared', { instances: 1, by: 'ann', at: 1 }, {}, 2],
    ['started though it starts by itself', { run: 'running', by: 'ann', at: 1 }, {}, 2],
    ['started in spite of autostart: false', { run: 'running', by: 'ann', at: 1 }, { autostart: false }, 3],
  ])(
    'drops the override of an app that was %s, and bumps when that makes a difference',
    (_, override, fields, generation) => {
      const file = accepted('shop', [{ ...api, ...fields }]);
      const projects = after(file, { kind: 'override-set', key: 'shop/api', override }, file);
      expect(app(projects, 'api')).toMatchObject({ override: null, generation, revision: 1 });
      expect(projects.get('shop')?.revision).toBe(1);
      expect(reduce(projects, file)).toBe(projects);
    },
  );

  test('takes over a new source without a new revision', () => {
    const file = accepted('shop', [api]);
    const moved = { ...file.spec, source: { files: ['/elsewhere.yaml'], env: null } };
    const projects = after(file, { ...file, spec: moved });
    expect(projects.get('shop')).toMatchObject({ revision: 1, source: { files: ['/elsewhere.yaml'] } });
  });
});

describe('other facts', () => {
  const start = after(accepted('shop', [api, web]));

  test('a restart bumps both counters of its app', () => {
    const projects = reduce(start, restartOf('shop/api'));
    expect(app(projects, 'api')).toMatchObject({ generation: 2, restartGeneration: 1, revision: 1 });
    expect(app(projects, 'web')).toBe(app(start, 'web'));
    expect(projects.get('shop')).toMatchObject({ revision: 1, lastGeneration: 2 });
  });

  test('an override bumps the generation and makes no revision', () => {
    const projects = reduce(start, { kind: 'override-set', key: 'shop/api', override: stopped });
    expect(app(projects, 'api')).toMatchObject({ generation: 2, override: stopped });
    expect(projects.get('shop')?.revision).toBe(1);
  });

  test('deleting makes one revision per project and leaves the rest', () => {
    const two = reduce(start, accepted('blog', [appSpec({ name: 'api' })]));
    const projects = reduce(two, { kind: 'apps-deleted', keys: ['shop/api', 'blog/api', 'blog/x'], at: 9 });
    expect(projects.get('shop')).toMatchObject({ revision: 2, lastGeneration: 1 });
    expect(Object.keys(projects.get('shop')?.apps ?? {})).toEqual(['web']);
    expect(projects.get('blog')).toMatchObject({ revision: 2, apps: {} });
  });

  test.each<[string, Fact]>([
    ['a restart of an unknown app', restartOf('shop/nope')],
    ['a restart in an unknown project', restartOf('nope/api')],
    ['a restart of a name that every object has', restartOf('shop/constructor')],
    ['an override of an unknown app', { kind: 'override-set', key: 'shop/nope', override: stopped }],
    ['the reset of no override', { kind: 'override-set', key: 'shop/api', override: null }],
    ['deleting nothing', { kind: 'apps-deleted', keys: ['shop/nope', 'x/y'], at: 1 }],
  ])('%s changes nothing', (_, fact) => {
    expect(reduce(start, fact)).toBe(start);
  });
});

const names = fc.constantFrom('api', 'web', 'constructor', '__proto__', '7');
const specs = fc
  .uniqueArray(
    fc.record({ name: names, instances: fc.integer({ min: 1, max: 3 }), autostart: fc.boolean() }),
    { selector: ({ name }) => name },
  )
  .map((apps) => apps.map(appSpec));
const override = fc.option(
  fc.record(
    {
      run: fc.constantFrom('stopped' as const, 'running' as const),
      instances: fc.integer({ min: 1, max: 3 }),
      by: fc.constant('ann'),
      at: fc.constant(1),
    },
    { requiredKeys: ['by', 'at'] },
  ),
);
const facts: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .record({
      apps: specs,
      prune: fc.boolean(),
      only: fc.option(fc.array(names)),
    })
    .map(({ apps, prune, only }) => accepted('shop', apps, { prune, only })),
  fc
    .record({ name: names, slot: fc.option(fc.nat(3)) })
    .map(({ name, slot }): Fact => restartOf(`shop/${name}`, slot)),
  fc
    .record({ name: names, override })
    .map((input): Fact => ({ kind: 'override-set', key: `shop/${input.name}`, override: input.override })),
  fc.array(names).map((all): Fact => ({
    kind: 'apps-deleted',
    keys: all.map((name) => `shop/${name}` as const),
    at: 1,
  })),
);

describe('for any facts', () => {
  test('numbers only grow, unchanged apps keep their record, and lastGeneration bounds every generation', () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 12 }), (all) => {
        const used = new Map<string, number>();
        let projects = NOTHING;
        for (const fact of all) {
          const before = projects.get('shop');
          projects = reduce(projects, fact);
          const record = projects.get('shop');
          expect(record?.revision ?? 0).toBeGreaterThanOrEqual(before?.revision ?? 0);
          expect(record?.lastGeneration ?? 0).toBeGreaterThanOrEqual(before?.lastGeneration ?? 0);
          for (const [name, next] of Object.entries(record?.apps ?? {})) {
            const known = Object.entries(before?.apps ?? {}).find(([other]) => other === name)?.[1];
            if (known !== undefined && next.generation === known.generation) {
              expect({ ...next, override: null }).toEqual({ ...known, override: null });
            } else {
              expect(next.generation).toBeGreaterThan(used.get(name) ?? 0);
            }
            used.set(name, next.generation);
            expect(next.generation).toBeLessThanOrEqual(record?.lastGeneration ?? 0);
            expect(next.revision).toBeLessThanOrEqual(record?.revision ?? 0);
          }
        }
      }),
    );
  });

  test('applying a file twice is applying it once', () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 8 }), specs, (all, apps) => {
        const once = reduce(all.reduce(reduce, NOTHING), accepted('shop', apps));
        expect(reduce(once, accepted('shop', apps, { at: 9_999 }))).toBe(once);
      }),
    );
  });
});

describe('beginning afresh', () => {
  test('makes a new generation of the apps that an apply names, and of no others', () => {
    const once = after(accepted('shop', [api, web]));
    const again = reduce(once, { ...accepted('shop', [api, web], { at: 2_000 }), afresh: ['api'] });
    expect(app(again, 'api')).toMatchObject({ generation: 2, begunAfresh: 2, revision: 1 });
    expect(app(again, 'web')).toBe(app(once, 'web'));
    expect(again.get('shop')?.revision).toBe(1);
  });

  test('is what starting an app again means that is down in part', () => {
    const projects = after(accepted('shop', [api]), { kind: 'begun-afresh', key: 'shop/api' });
    expect(app(projects, 'api')).toMatchObject({ generation: 2, begunAfresh: 2, restartGeneration: 0 });
  });
});

describe('a restart of a slot whose process is not fit', () => {
  test('is noted with the counter of the process that follows, until another is asked for', () => {
    const unfit = { ...restartOf('shop/api', 1), reason: 'LivenessFailed', at: 7 } as const;
    const once = after(accepted('shop', [api]), unfit);
    const first = { reason: 'LivenessFailed', at: 7, restartGeneration: 1 } as const;
    expect(app(once, 'api')?.unfit).toEqual({ 1: first });
    expect(app(reduce(once, unfit), 'api')?.unfit).toEqual({ 1: { ...first, restartGeneration: 2 } });
  });

  test('is not noted where somebody has asked for it', () => {
    const asked = restartOf('shop/api', 1);
    expect(app(after(accepted('shop', [api]), asked), 'api')).not.toHaveProperty('unfit');
  });
});
