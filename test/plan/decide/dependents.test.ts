import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/plan/plan.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import type { Plan } from '../../../src/plan/model/plan.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { accept, makeApp, makeExit, makeHistory, makeInstance, NOW, observe, STOPPED } from '../fixtures.ts';

/** a <- b <- c: c depends on b, b on a. */
function chain(fields: Parameters<typeof makeApp>[1] = {}): Readonly<Record<'a' | 'b' | 'c', DesiredApp>> {
  const app = (name: string, depends_on: AppSpec['depends_on']) =>
    makeApp(name, { ...fields, spec: { depends_on, ...fields.spec } });
  return { a: app('a', {}), b: app('b', { a: 'ready' }), c: app('c', { b: 'ready' }) };
}

function planOf(
  desired: readonly DesiredApp[],
  instances: readonly ObservedInstance[],
  accepted: readonly DesiredApp[] = desired,
): Plan {
  return plan(desired, observe({ instances, accepted: accepted.map((app) => accept(app)) }), NOW);
}

function stopped({ actions }: Plan): readonly string[] {
  return actions.filter(({ kind }) => kind === 'stop').map(({ key }) => key);
}

describe('apps that go', () => {
  it('end dependents first when all are stopped, and say what they wait for', () => {
    const { a, b, c } = chain({ override: STOPPED });
    const made = planOf(
      [a, b, c],
      [a, b, c].map((app) => makeInstance(app)),
    );
    expect(stopped(made)).toEqual(['shop/c']);
    expect(made.holds.filter(({ reason }) => reason === 'DependentsFirst')).toMatchObject([
      { key: 'shop/a', message: 'b and c have to end first: they depend on this app', blockedBy: 'shop/b' },
      { key: 'shop/b', message: 'c has to end first: it depends on this app', blockedBy: 'shop/c' },
    ]);
  });

  it('end dependents first when all leave the file', () => {
    const { a, b, c } = chain();
    const apps = [a, b, c];
    expect(
      stopped(
        planOf(
          [],
          apps.map((app) => makeInstance(app)),
          apps,
        ),
      ),
    ).toEqual(['shop/c']);
    const leaving = [makeInstance(a), makeInstance(b), makeInstance(c, { state: 'stopping' })];
    expect(stopped(planOf([], leaving, apps))).toEqual([]);
    expect(stopped(planOf([], [makeInstance(a), makeInstance(b)], apps))).toEqual(['shop/b']);
  });

  it('wait for a far dependent although the one between has no process', () => {
    const { a, b, c } = chain({ override: STOPPED });
    expect(stopped(planOf([a, b, c], [makeInstance(a), makeInstance(c)]))).toEqual(['shop/c']);
  });

  it('do not wait for a dependent that stays', () => {
    const { a, b } = chain();
    const going = { ...a, override: STOPPED };
    expect(stopped(planOf([going, b], [makeInstance(a), makeInstance(b)]))).toEqual(['shop/a']);
  });

  it('do not wait for a process that nobody can end', () => {
    const { a, b } = chain({ override: STOPPED });
    const instances = [makeInstance(a), makeInstance(b, { state: 'unverified' })];
    expect(stopped(planOf([a, b], instances))).toEqual(['shop/a']);
  });

  it('do not wait for each other in a circle', () => {
    const a = makeApp('a', { override: STOPPED, spec: { depends_on: { b: 'ready' } } });
    const b = makeApp('b', { override: STOPPED, spec: { depends_on: { a: 'ready' } } });
    expect(stopped(planOf([a, b], [makeInstance(a), makeInstance(b)]))).toEqual(['shop/a', 'shop/b']);
  });
});

describe('a chain of dependencies', () => {
  it('is held up by name at its far end, with what is the matter there', () => {
    const { a, b, c } = chain({ spec: { autorestart: false } });
    const history = [{ key: a.key, slots: [makeHistory(a, { lastExit: makeExit({ code: 3 }) })] }];
    const { holds } = plan([a, b, c], observe({ history }), NOW);
    const trouble = 'failed, exited with code 3, autorestart is off';
    expect(holds.filter(({ reason }) => reason === 'DependencyNotReady')).toMatchObject([
      { key: b.key, blockedBy: a.key, message: `dependency a not ready: ${trouble}` },
      { key: c.key, blockedBy: a.key, message: `dependency b not ready, which waits for a: ${trouble}` },
    ]);
  });

  it('is started in order', () => {
    const { a, b, c } = chain();
    const started = (instances: readonly ObservedInstance[]) =>
      planOf([c, b, a], instances).actions.map(({ kind, key }) => `${kind} ${key}`);
    expect(started([])).toEqual(['start shop/a']);
    expect(started([makeInstance(a)])).toEqual(['start shop/b']);
    expect(started([makeInstance(a), makeInstance(b)])).toEqual(['start shop/c']);
  });
});
