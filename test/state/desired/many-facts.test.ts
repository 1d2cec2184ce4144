import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AppKey } from '../../../src/lib/app-key.ts';
import { reduce, reduceAll, type Projects } from '../../../src/state/desired/reducer.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import { accepted, appSpec, restartOf } from '../specs.ts';

const NAMES = ['api', 'web', 'migrate'] as const;
const key = fc
  .tuple(fc.constantFrom('shop', 'other'), fc.constantFrom(...NAMES, 'absent'))
  .map(([project, name]): AppKey => `${project}/${name}`);
const generation = fc.integer({ min: 1, max: 4 });
const failure = { slot: 0, reason: 'Exited', message: 'exited with code 1', output: [] } as const;

const facts: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .record({
      project: fc.constantFrom('shop', 'other'),
      script: fc.constantFrom('/srv/app.js', '/srv/other.js'),
      run: fc.constantFrom('every_release' as const, 'once' as const),
    })
    .map(({ project, script, run }): Fact => {
      const job = { name: 'migrate', script, autorestart: false, run };
      const web = { name: 'web', script, depends_on: { migrate: 'completed' } } as const;
      return accepted(project, [appSpec({ name: 'api', script }), appSpec(web), appSpec(job)]);
    }),
  fc.record({
    kind: fc.constant('override-set' as const),
    key,
    override: fc.constantFrom(null, { run: 'stopped', by: 'ann', at: 5 } as const),
  }),
  fc.record({ kind: fc.constant('begun-afresh' as const), key }),
  fc.tuple(key, fc.constantFrom(null, 0)).map(([app, slot]) => restartOf(app, slot)),
  fc.record({
    kind: fc.constant('code-changed' as const),
    key,
    slots: fc.constantFrom([], [0]),
    again: fc.constant([]),
    detail: fc.constant('new code'),
    at: fc.constant(7),
  }),
  fc.record({ kind: fc.constant('rollout-completed' as const), key, generation, at: fc.constant(8) }),
  fc
    .tuple(key, generation)
    .map(([app, of]): Fact => ({ kind: 'rollout-failed', key: app, generation: of, failure, at: 9 })),
  fc.record({ kind: fc.constant('dependencies-seen' as const), key, dependencyMarks: fc.constant({}) }),
);

test('many facts together come to what they come to one after the other', () => {
  fc.assert(
    fc.property(fc.array(facts, { maxLength: 25 }), (all) => {
      const together = reduceAll(new Map(), all);
      const oneByOne = all.reduce<Projects>(reduce, new Map());
      // As text: what is written to disk has the same order too.
      expect(JSON.stringify([...together])).toBe(JSON.stringify([...oneByOne]));
    }),
    { numRuns: 300 },
  );
});

test('facts that change nothing leave the very same state', () => {
  const projects = reduce(new Map(), accepted('shop', [appSpec({ name: 'api' })]));
  const nothing: readonly Fact[] = [
    { kind: 'override-set', key: 'shop/api', override: null },
    { kind: 'override-set', key: 'shop/absent', override: null },
    { kind: 'rollout-completed', key: 'shop/api', generation: 99, at: 1 },
  ];
  expect(reduceAll(projects, nothing)).toBe(projects);
});

test('a thousand facts of a thousand apps copy their project a few times', () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `app-${i}`);
  const projects = reduce(
    new Map(),
    accepted(
      'shop',
      names.map((name) => appSpec({ name })),
    ),
  );
  const record = projects.get('shop');
  if (record === undefined) throw new Error('the project is not there');
  let copies = 0;
  const apps = new Proxy(record.apps, {
    ownKeys: (target) => {
      copies += 1;
      return Reflect.ownKeys(target);
    },
  });
  const completed = names.map((name): Fact => {
    return { kind: 'rollout-completed', key: `shop/${name}`, generation: 1, at: 2 };
  });
  const after = reduceAll(new Map([['shop', { ...record, apps }]]), completed);
  expect(after.get('shop')?.outcomes).toEqual({ 1: { apps: {} } });
  expect(copies).toBeLessThan(5);
});
