import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { effectiveInstances, restartGenerationOf } from '../../src/plan/slots/effective.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../src/plan/model/observed.ts';
import { resultOf } from '../../src/state/desired/revision-outcomes.ts';
import type { Store } from '../../src/state/store.ts';
import { makeInstance, NOW } from '../plan/fixtures.ts';
import { openedStore, temporaryFolder } from './folder.ts';

/** The state of a stateward that knew no rollouts: applied, then restarted, scaled and stopped by hand, and crashed. */
const WRITTEN = join(import.meta.dirname, 'fixtures/before-rollouts');

async function opened(): Promise<Store> {
  const folder = temporaryFolder();
  cpSync(WRITTEN, folder, { recursive: true });
  return openedStore(folder);
}

function appOf(store: Store, name: string): DesiredApp {
  const app = store.desired().find(({ spec }) => spec.name === name);
  if (app === undefined) throw new Error(`${name} is not there`);
  return app;
}

/** As that stateward left it running. */
function runningOf(app: DesiredApp): readonly ObservedInstance[] {
  if (app.spec.schedule !== null || !app.spec.autostart) return [];
  return Array.from({ length: effectiveInstances(app.spec, app.override) }, (_, slot) =>
    makeInstance(app, { slot, restartGeneration: restartGenerationOf(app, slot) }),
  );
}

describe('the state of before there were rollouts', () => {
  test('is read whole, and everything in it has proven itself', async () => {
    const store = await opened();
    expect(store.notices).toEqual([]);
    expect(
      store
        .desired()
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(['shop/idle', 'shop/nightly', 'shop/web', 'shop/worker']);
    expect(store.desired().filter(({ rollout, lastRollout }) => rollout ?? lastRollout)).toEqual([]);
    expect(appOf(store, 'web')).toMatchObject({ slotRestarts: { '1': 1 }, override: { instances: 3 } });
    expect(appOf(store, 'worker').restartGeneration).toBe(1);
    expect(store.history('shop/web').slots.find(({ slot }) => slot === 0)?.restarts).toBe(1);
    const [record] = store.projects();
    expect(record && resultOf(record, 1)).toBeNull();
  });

  test('asks for nothing of what runs', async () => {
    const store = await opened();
    const instances = store.desired().flatMap(runningOf);
    const observed = { reachable: true, instances, history: store.histories(), accepted: store.accepted() };
    const { actions, changes } = plan(store.desired(), observed, NOW);
    expect(actions).toEqual([]);
    expect(changes.map(({ kind }) => kind)).toEqual(Array(4).fill('unchanged'));
  });

  test('has every field of a spec', async () => {
    const store = await opened();
    for (const { spec } of store.desired()) {
      expect(spec).toMatchObject({ leftovers: 'end', stdin: 'open', code: 'auto', version: null });
    }
    const revision = await store.revision('shop', 1);
    expect(revision.ok && revision.value.spec.apps[0]).toMatchObject({ leftovers: 'end', secrets: [] });
  });

  test('is what a rollout that fails goes back to', async () => {
    const store = await opened();
    const before = appOf(store, 'web');
    const apps = store.desired().map(({ spec }) => ({ ...spec, ...(spec.name === 'web' && { env: {} }) }));
    const templateHashes = Object.fromEntries(
      store
        .desired()
        .map(({ spec, templateHash }) => [spec.name, spec.name === 'web' ? 'next' : templateHash]),
    );
    const source = { files: ['/srv/shop/ecosystem.yaml'], env: null };
    const spec = { project: 'shop', source, apps };
    await store.commit({ kind: 'project-accepted', spec, templateHashes, prune: true, at: NOW });
    const changed = appOf(store, 'web');
    expect(changed).toMatchObject({ revision: 2, override: null, rollout: { paused: null, startedAt: NOW } });
    expect(changed.rollout?.previous).toMatchObject({ templateHash: before.templateHash, revision: 1 });
    expect(changed.generation).toBeGreaterThan(before.generation);

    const failure = { reason: 'Exited', message: 'slot 0 exited', slot: 0 } as const;
    const { key, generation } = changed;
    await store.commit({ kind: 'rollout-failed', key, generation, failure, at: NOW });
    const back = appOf(store, 'web');
    expect(back).toMatchObject({ revision: 1, spec: before.spec, slotRestarts: { '1': 1 } });
    expect(back.templateHash).toBe(before.templateHash);
    expect(back.generation).toBeGreaterThan(generation);
    const [record] = store.projects();
    expect(record && resultOf(record, 2)?.state).toBe('failed');
  });
});
