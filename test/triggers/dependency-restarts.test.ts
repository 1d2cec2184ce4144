import { describe, expect, it } from 'vitest';
import type { AppKey } from '../../src/lib/app-key.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { Dependency } from '../../src/spec/types.ts';
import type { DependencyMarks } from '../../src/state/model/types.ts';
import { dependencyRestarts, type SettledProcess } from '../../src/triggers/dependency-restarts.ts';
import type { TriggerRestart } from '../../src/triggers/trigger.ts';
import { makeApp, NOW, STOPPED, type AppFields } from '../plan/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';

const RESTARTING: Dependency = { condition: 'ready', restart: true };
const DB: AppKey = 'shop/db';
const API: AppKey = 'shop/api';

function api(fields: AppFields = {}): DesiredApp {
  return makeApp('api', { ...fields, spec: { depends_on: { db: RESTARTING }, ...fields.spec } });
}

/** A controller on paper: what is recorded is known at once, unless `isStuck`. */
function scene(apps: readonly DesiredApp[] = [makeApp('db'), api()]) {
  const clock = new FakeClock();
  const marks = new Map<AppKey, DependencyMarks>();
  const settled = new Map<AppKey, Readonly<Record<string, SettledProcess>>>();
  const starts = new Map<AppKey, readonly number[]>([[API, [NOW]]]);
  const restarts: TriggerRestart[] = [];
  const table = { isStuck: false };
  const create = () => {
    let changed: (key: AppKey) => void = () => undefined;
    const trigger = dependencyRestarts({
      clock,
      outlet: {
        requestRestart(restart) {
          restarts.push(restart);
          if (!table.isStuck) marks.set(restart.key, restart.dependencyMarks ?? {});
        },
        submit: () => undefined,
      },
      settled: (key) => settled.get(key) ?? null,
      startsOf: ({ key }) => starts.get(key) ?? [],
      marksOf: (key) => marks.get(key) ?? {},
      markSeen: (key, seen) => void marks.set(key, seen),
      subscribe(listener) {
        changed = listener;
        return () => undefined;
      },
    });
    trigger.sync({ apps, instances: [] });
    return { trigger, changed: () => changed(DB) };
  };
  const first = create();
  return {
    clock,
    marks,
    starts,
    restarts,
    table,
    /** Another controller, with what is durable. */
    create,
    sync: (present: readonly DesiredApp[]) => first.trigger.sync({ apps: present, instances: [] }),
    /** `db` has converged with these processes, or (null) has not. */
    db(processes: Readonly<Record<string, string>> | null, at = NOW + 1_000) {
      if (processes === null) settled.delete(DB);
      else
        settled.set(
          DB,
          Object.fromEntries(Object.entries(processes).map(([slot, nonce]) => [slot, { nonce, at }])),
        );
      first.changed();
    },
  };
}

describe('an edge with restart: true', () => {
  it('restarts the dependent once when the dependency has another process and is there again', () => {
    const it = scene();
    it.db({ 0: 'a' });
    it.db(null);
    expect(it.restarts).toEqual([]);
    it.db({ 0: 'b' });
    it.db({ 0: 'b' });
    expect(it.restarts).toMatchObject([
      { key: API, slot: null, reason: 'DependencyRestarted', detail: 'db has new processes' },
    ]);
  });

  it('does not restart it again for the same processes under another controller', () => {
    const it = scene();
    it.db({ 0: 'a' });
    it.db({ 0: 'b' });
    it.create();
    expect(it.restarts).toHaveLength(1);
  });

  it('restarts it for what happened while no controller ran', () => {
    const it = scene();
    it.marks.set(API, { db: { 0: 'a' } });
    it.db({ 0: 'b' });
    expect(it.restarts).toHaveLength(1);
  });

  it('does not take scaling up or down for a restart', () => {
    const it = scene();
    it.db({ 0: 'a' });
    it.db({ 0: 'a', 1: 'b' });
    it.db({ 0: 'a' });
    it.db({ 0: 'a', 1: 'c' });
    expect(it.restarts).toEqual([]);
  });

  it('leaves alone what has been started since, and what does not run', () => {
    const it = scene();
    it.db({ 0: 'a' });
    it.starts.set(API, [NOW + 2_000]);
    it.db({ 0: 'b' });
    it.starts.set(API, []);
    it.db({ 0: 'c' });
    expect(it.restarts).toEqual([]);
  });

  it('asks for nothing while the dependent is stopped', () => {
    const it = scene([makeApp('db'), api({ override: STOPPED })]);
    it.db({ 0: 'a' });
    it.db({ 0: 'b' });
    expect(it.restarts).toEqual([]);
  });

  it('restarts nobody in a circle', () => {
    const it = scene([makeApp('db', { spec: { depends_on: { api: 'ready' } } }), api()]);
    it.db({ 0: 'a' });
    it.db({ 0: 'b' });
    expect(it.restarts).toEqual([]);
  });

  it('forgets what it knew when the edge goes, so that it begins anew when it comes back', () => {
    const it = scene();
    it.db({ 0: 'a' });
    it.sync([makeApp('db'), makeApp('api')]);
    it.db({ 0: 'b' });
    it.sync([makeApp('db'), api()]);
    expect(it.restarts).toEqual([]);
  });

  it('asks once while the write is under way, and again when it has failed', () => {
    const it = scene();
    it.db({ 0: 'a' });
    it.table.isStuck = true;
    it.db({ 0: 'b' });
    it.db({ 0: 'b' });
    expect(it.restarts).toHaveLength(1);
    it.clock.advance(30_000);
    it.db({ 0: 'b' });
    expect(it.restarts).toHaveLength(2);
  });
});

describe('an edge without restart', () => {
  it('restarts nobody', () => {
    const it = scene([makeApp('db'), makeApp('api', { spec: { depends_on: { db: 'ready' } } })]);
    it.db({ 0: 'a' });
    it.db({ 0: 'b' });
    expect(it.restarts).toEqual([]);
  });
});
