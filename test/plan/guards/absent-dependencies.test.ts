import { describe, expect, it } from 'vitest';
import { absentDependencies, appsToStart } from '../../../src/plan/guards/absent-dependencies.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { Observed } from '../../../src/plan/model/observed.ts';
import { plan } from '../../../src/plan/plan.ts';
import { accept, makeApp, NOW, observe, runAll, STOPPED } from '../fixtures.ts';

function absentOf(desired: readonly DesiredApp[], fields: Partial<Observed> = {}, only?: string) {
  const observed = observe(fields);
  const starting = appsToStart(plan(desired, observed, NOW).changes);
  const mine = only === undefined ? starting : starting.filter((key) => key === `shop/${only}`);
  return absentDependencies(mine, desired, observed, NOW).map(({ app, dependency, why }) => [
    app,
    dependency,
    why,
  ]);
}

const api = makeApp('api', { spec: { depends_on: { db: 'ready' } } });
const db = makeApp('db');
const idle = makeApp('db', { spec: { autostart: false } });

describe('what an app would wait for in vain', () => {
  it('is a dependency that is not declared', () => {
    expect(absentOf([api])).toEqual([['shop/api', 'shop/db', 'undeclared']]);
  });

  it('is one that does not start by itself, or was stopped', () => {
    expect(absentOf([api, idle])).toEqual([['shop/api', 'shop/db', 'idle']]);
    expect(absentOf([api, { ...db, override: STOPPED }])).toEqual([['shop/api', 'shop/db', 'stopped']]);
  });

  it('is found at the end of a chain of apps that are to start', () => {
    const waiting = makeApp('db', { spec: { depends_on: { disk: 'started' } } });
    const disk = makeApp('disk', { spec: { autostart: false } });
    expect(absentOf([api, waiting, disk], {}, 'api')).toEqual([['shop/db', 'shop/disk', 'idle']]);
  });

  it('is what a stopped dependency itself waits for, too', () => {
    const stopped = makeApp('db', { override: STOPPED, spec: { depends_on: { disk: 'ready' } } });
    expect(absentOf([api, stopped]).map(([, , why]) => why)).toEqual(['stopped', 'undeclared']);
  });

  it.each([
    ['one that is to start as well', [api, db], {}],
    ['one that runs in spite of autostart: false', [api, idle], { instances: runAll(idle) }],
    [
      'anything, when the app runs already',
      [api, { ...db, override: STOPPED }],
      { instances: runAll(api), accepted: [accept(api), accept(db)] },
    ],
    [
      'anything, when the app is not to start',
      [makeApp('api', { spec: { ...api.spec, autostart: false } })],
      {},
    ],
  ])('is not %s', (_what, desired, fields) => {
    expect(absentOf(desired, fields)).toEqual([]);
  });
});
