import { describe, expect, it } from 'vitest';
import { protectGuard, wipeGuard } from '../../../src/plan/guards/guard.ts';
import { plan } from '../../../src/plan/plan.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { Observed } from '../../../src/plan/model/observed.ts';
import { accept, makeApp, NOW, observe, runAll, STOPPED } from '../fixtures.ts';

function hostOf(apps: readonly DesiredApp[], fields: Partial<Observed> = {}): Observed {
  return observe({
    accepted: apps.map((app) => accept(app)),
    instances: apps.flatMap((app) => runAll(app)),
    ...fields,
  });
}

function guardOf(desired: readonly DesiredApp[], observed: Observed, allowWipe = false) {
  return wipeGuard(plan(desired, observed, NOW).changes, observed, { allowWipe });
}

function named(...names: readonly string[]): readonly DesiredApp[] {
  return names.map((name) => makeApp(name));
}

const five = named('a', 'b', 'c', 'd', 'e');

describe('the guard against wiping', () => {
  it('refuses to remove every app of a project', () => {
    const blog = makeApp('web', { project: 'blog' });
    expect(guardOf([blog], hostOf([...named('a', 'b'), blog]))).toMatchObject({
      code: 'WIPE_GUARD',
      message: 'cannot apply: it would remove every app of project shop (2 of 2)',
      details: ['shop/a', 'shop/b'],
    });
  });

  it('refuses it also when nothing of the project runs', () => {
    expect(guardOf([], hostOf(named('a'), { instances: [] }))).toMatchObject({ code: 'WIPE_GUARD' });
  });

  it('lets the only app of a project be renamed', () => {
    expect(guardOf(named('b'), hostOf(named('a')))).toBeNull();
  });

  it('refuses to remove all of three, whatever comes in their place, and says what it counts', () => {
    expect(guardOf(named('x', 'y', 'z', 'w'), hostOf(named('a', 'b', 'c')))).toMatchObject({
      code: 'WIPE_GUARD',
      message:
        'cannot apply: it would remove every app of project shop (3 of 3; 4 that come new do not count)',
      details: ['shop/a', 'shop/b', 'shop/c'],
    });
  });

  it('lets two of two be renamed', () => {
    expect(guardOf(named('x', 'y'), hostOf(named('a', 'b')))).toBeNull();
  });

  it('refuses to remove more than half of the running apps when there are at least 4', () => {
    expect(guardOf(named('a', 'b'), hostOf(five))).toMatchObject({
      code: 'WIPE_GUARD',
      message: 'cannot apply: it would remove 3 of 5 running apps of shop, more than half',
      details: ['shop/c', 'shop/d', 'shop/e'],
    });
  });

  it.each([
    ['half of them', named('a', 'b'), named('a', 'b', 'c', 'd')],
    ['two of three', named('a'), named('a', 'b', 'c')],
    ['none', five, five],
  ])('lets %s go', (_name, desired, before) => {
    expect(guardOf(desired, hostOf(before))).toBeNull();
  });

  it('counts running apps only', () => {
    const stopped = five.map((app, index) => (index < 2 ? app : { ...app, override: STOPPED }));
    const observed = hostOf(stopped, { instances: stopped.slice(0, 2).flatMap((app) => runAll(app)) });
    expect(guardOf(stopped.slice(0, 2), observed)).toBeNull();
  });

  it('counts what should run when the processes are not known', () => {
    const blind = { reachable: false, instances: [] };
    expect(guardOf(named('a', 'b'), hostOf(five, blind))).toMatchObject({ code: 'WIPE_GUARD' });
    const stopped = five.map((app) => ({ ...app, override: STOPPED }));
    expect(guardOf(stopped.slice(0, 2), hostOf(stopped, blind))).toBeNull();
  });

  it('names the way out', () => {
    expect(guardOf([], hostOf(named('a')))?.hint).toContain('--allow-wipe');
  });

  it('lets everything go when that is asked for', () => {
    const kept = makeApp('a', { spec: { protect: true } });
    expect(guardOf([], hostOf([kept, ...named('b', 'c', 'd')]), true)).toBeNull();
  });

  it('has nothing against a first apply, or against an empty host', () => {
    expect(guardOf(five, observe())).toBeNull();
    expect(guardOf([], observe())).toBeNull();
  });
});

describe('protect: true', () => {
  const kept = makeApp('db', { spec: { protect: true } });

  it('keeps an app from being removed', () => {
    expect(guardOf(named('a'), hostOf([kept, ...named('a')]))).toMatchObject({
      code: 'PROTECTED',
      message: 'cannot remove shop/db: protect is set',
      details: ['shop/db'],
    });
  });

  it('does not keep it from being changed or stopped', () => {
    const changed = makeApp('db', {
      spec: { protect: false, args: ['x'] },
      override: STOPPED,
      generation: 2,
    });
    expect(guardOf([changed], hostOf([kept]))).toBeNull();
  });

  it('can be asked for alone, where removing the last app of a project is not a mistake', () => {
    const observed = hostOf(named('a'));
    const { changes } = plan([], observed, NOW);
    expect(protectGuard(changes, observed, { allowWipe: false })).toBeNull();
  });
});
