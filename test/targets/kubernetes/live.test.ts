import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { changeOf } from '../../../src/targets/kubernetes/live/change.ts';
import { differences, fieldChange } from '../../../src/targets/kubernetes/live/differences.ts';
import { basisOf, whatMoved } from '../../../src/targets/kubernetes/live/basis.ts';
import { appObjects } from '../../../src/targets/kubernetes/live/project-objects.ts';
import { liveObject, type LiveObject } from '../../../src/targets/kubernetes/live/live-object.ts';
import { progressOf } from '../../../src/targets/kubernetes/rollout/progress.ts';
import { dependencyWaves, dependents } from '../../../src/targets/kubernetes/rollout/dependency-waves.ts';
import { specOf } from '../../spec/support/context.ts';
import { render } from './support/render.ts';
import type { AppSpec } from '../../../src/spec/types.ts';

/** An object as a server gives it back: with its books, and with defaults where nobody has said anything. */
function served(object: unknown, more: Record<string, unknown> = {}): LiveObject {
  const kind = (object as { readonly kind: string }).kind;
  const live = liveObject(object, kind);
  if (live === null) throw new Error('no object');
  const managedFields = [{ manager: 'stateward', operation: 'Apply' }];
  return { ...live, ...more, metadata: { ...live.metadata, uid: 'u', resourceVersion: '7', managedFields } };
}

/** Everything as it is after `before` was applied, beside what applying `after` makes of it. */
function compared(before: readonly AppSpec[], after: readonly AppSpec[]) {
  const [there, asked] = [render(before).objects, render(after).objects];
  const owned = there.map((object) => served(object));
  const find = (kind: string, name: string): LiveObject | null =>
    owned.find((one) => one.kind === kind && one.metadata.name === name) ?? null;
  return {
    ...{ project: 'shop', apps: after, owned, histories: [] },
    compared: asked.map((object) => ({
      object,
      live: find(object.kind, object.metadata.name),
      after: served(object),
    })),
  };
}

const ALL = { prune: true, only: null };
const kindsOf = (before: readonly AppSpec[], after: readonly AppSpec[]): Record<string, string> =>
  Object.fromEntries(appObjects(compared(before, after), ALL).map((app) => [app.key, changeOf(app).kind]));

describe('a change', () => {
  const api = { name: 'api', instances: 2, env: { MODE: 'fast' } };

  it.each<[string, Record<string, unknown>, string]>([
    ['none', {}, 'unchanged'],
    ['a variable', { env: { MODE: 'slow' } }, 'roll'],
    ['an image', { image: 'other' }, 'roll'],
    ['a number', { instances: 4 }, 'scale'],
    ['bounds of rollouts', { rollout: { max_surge: 2 } }, 'live'],
    ['labels', { labels: { team: 'a' } }, 'live'],
    ['a port', { port: 3000 }, 'roll'],
  ])('of %s', (_, fields, kind) => {
    expect(kindsOf([specOf(api)], [specOf({ ...api, ...fields })])).toEqual({ 'shop/api': kind });
  });

  it('is a run of a job, a removal, something new', () => {
    const job = { name: 'migrate', autorestart: false };
    expect(
      kindsOf(
        [specOf(job), specOf({ name: 'old' })],
        [specOf({ ...job, args: ['-v'] }), specOf({ name: 'new' })],
      ),
    ).toEqual({ 'shop/migrate': 'run', 'shop/new': 'create', 'shop/old': 'remove' });
  });

  it('never shows a secret, whoever has put it there', () => {
    const container = (env: unknown) => ({
      kind: 'Deployment',
      metadata: { name: 'api' },
      spec: { template: { spec: { containers: [{ name: 'api', env }] } } },
    });
    const [before, after] = [
      served(container([{ name: 'DB_PASSWORD', value: 'hunter2' }])),
      served(
        container([
          { name: 'DB_PASSWORD', value: 'hunter3' },
          { name: 'OTHER_TOKEN', value: 'hunter4' },
        ]),
      ),
    ];
    const fields = differences(before, after).map((one) => fieldChange('Deployment', one));
    expect(fields).toHaveLength(2);
    expect(JSON.stringify(fields)).not.toContain('hunter');
    expect(fields.every(({ redacted }) => redacted)).toBe(true);
  });
});

describe('planning', () => {
  const app = fc.record(
    {
      port: fc.constant(3000),
      instances: fc.integer({ min: 1, max: 5 }),
      schedule: fc.constant('@daily'),
      autorestart: fc.boolean(),
      instance_var: fc.constantFrom('NODE_APP_INSTANCE', 'SLOT'),
      env: fc.dictionary(fc.constantFrom('A', 'B', 'TOKEN'), fc.string({ maxLength: 5 })),
    },
    { requiredKeys: ['instances'] },
  );
  const apps = fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), app), { selector: ([name]) => name })
    .map((entries): readonly AppSpec[] => entries.map(([name, fields]) => specOf({ name, ...fields })));

  it('after applying finds nothing to do, whatever was there before', () => {
    fc.assert(
      fc.property(apps, (specs) => {
        expect(new Set(Object.values(kindsOf(specs, specs)))).toEqual(
          new Set(specs.length === 0 ? [] : ['unchanged']),
        );
      }),
    );
  });

  it('accounts for every app, once, and removes only what the file does not name', () => {
    fc.assert(
      fc.property(apps, apps, (before, after) => {
        const kinds = kindsOf(before, after);
        const names = new Set([...before, ...after].map(({ name }) => `shop/${name}`));
        expect(new Set(Object.keys(kinds))).toEqual(names);
        for (const { name } of after) expect(kinds[`shop/${name}`]).not.toBe('remove');
      }),
    );
  });

  it('is made against what somebody wants, and not against what the server writes', () => {
    const basis = (change: (object: LiveObject) => LiveObject) => {
      const project = compared([specOf()], [specOf()]);
      const moved = {
        ...project,
        compared: project.compared.map((one) => ({ ...one, live: one.live && change(one.live) })),
      };
      return basisOf(appObjects(moved, ALL), [], new Set());
    };
    const plain = basis((object) => object);
    const counted = basis((object) => ({
      ...object,
      status: { readyReplicas: 1 },
      metadata: { ...object.metadata, resourceVersion: '8' },
    }));
    expect(counted.fingerprint).toBe(plain.fingerprint);
    const other = basis((object) => ({ ...object, spec: { replicas: 9 } }));
    expect(whatMoved(plain, other)).toEqual([
      expect.stringMatching(/^shop\/api: Deployment\/api has changed$/),
    ]);
  });
});

describe('progress', () => {
  const deployment = (status: Record<string, unknown>, generation = 2): LiveObject =>
    served({
      kind: 'Deployment',
      metadata: { name: 'api', generation },
      spec: { replicas: 2, progressDeadlineSeconds: 90 },
      status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
    });
  const of = (workload: LiveObject) => progressOf({ workload, replicaSets: [], pods: [] });

  it.each<[string, LiveObject, Record<string, unknown>]>([
    ['all is there', deployment({}), { state: 'done' }],
    ['nobody has seen it', deployment({}, 3), { message: 'its controller has not seen it yet' }],
    ['some are old', deployment({ updatedReplicas: 1 }), { message: '1 of 2 instances are new' }],
    ['old ones are there still', deployment({ replicas: 3 }), { message: '1 old instance is there still' }],
    [
      'none is available',
      deployment({ availableReplicas: undefined }),
      { message: '0 of 2 instances are available' },
    ],
    [
      'it takes too long',
      deployment({
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      }),
      { state: 'failed', isLate: true, message: 'no progress within 90 s' },
    ],
    [
      'a quota is used up',
      deployment({ conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }] }),
      { state: 'failed', message: 'no pod can be made: exceeded quota' },
    ],
  ])('when %s', (_, workload, expected) => {
    expect(of(workload)).toMatchObject(expected);
  });

  it('of a job is that of its end', () => {
    const job = (conditions: unknown) =>
      of(served({ kind: 'Job', metadata: { name: 'j' }, status: { conditions } }));
    expect(job([])).toMatchObject({ state: 'progressing' });
    expect(job([{ type: 'Complete', status: 'True' }])).toEqual({ state: 'done' });
    expect(job([{ type: 'Failed', status: 'True', message: 'no more tries' }])).toMatchObject({
      ...{ state: 'failed', message: 'no more tries' },
    });
  });
});

describe('waves', () => {
  const chain = [
    specOf({ name: 'a', depends_on: ['b'] }),
    specOf({ name: 'b', depends_on: ['c'] }),
    specOf({ name: 'c' }),
    specOf({ name: 'd' }),
  ];

  it('have what others depend on first, and hold back what cannot go on', () => {
    expect(dependencyWaves(chain)).toEqual([['c', 'd'], ['b'], ['a']]);
    expect(dependents(new Set(['c']), chain)).toEqual(new Set(['b', 'a']));
    expect(dependents(new Set(['d']), chain)).toEqual(new Set());
  });
});
