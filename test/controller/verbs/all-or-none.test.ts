import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ControllerContext } from '../../../src/controller/context/context.ts';
import { LeavingApps } from '../../../src/controller/context/leaving-apps.ts';
import { verbRequest } from '../../../src/controller/verbs/verbs.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { openedStore, temporaryFolder } from '../../state/folder.ts';
import { accepted, appSpec } from '../../state/specs.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeDriver } from '../../support/fake-driver.ts';

/** Two projects with an app each, and a disk that takes what is written of the first one alone. */
async function scene(spec: Partial<AppSpec> = {}) {
  const dir = temporaryFolder();
  const store = await openedStore(dir);
  await store.commit([
    accepted('alpha', [appSpec({ name: 'api' })]),
    accepted('shop', [{ ...appSpec({ name: 'api' }), ...spec }]),
  ]);
  const clock = new FakeClock();
  const driver = new FakeDriver(clock);
  const leaving = new LeavingApps();
  const loop = { status: { health: () => undefined }, submitAll: () => undefined };
  const observer = { instances: () => [] };
  const context = { store, clock, driver, leaving, loop, observer } as unknown as ControllerContext;
  const request = { by: 'ann', command: 'by hand', selectors: ['all'] };
  return {
    dir,
    store,
    leaving,
    ask: (verb: 'start' | 'stop' | 'restart' | 'delete') =>
      verbRequest({ ...request, verb, allowWipe: false }, context),
    breakDisk: () => {
      mkdirSync(join(dir, 'projects', '.shop.json.tmp.prev.tmp'));
    },
    mendDisk: () => rmdirSync(join(dir, 'projects', '.shop.json.tmp.prev.tmp')),
  };
}

describe('a verb of several apps', () => {
  it('start leaves nothing half done when it cannot be saved', async () => {
    const { store, ask, breakDisk } = await scene();
    await ask('stop');
    const before = store.desired();
    const { length } = await store.events({ limit: 10 });
    breakDisk();
    const refused = await ask('start');
    expect(refused).toMatchObject({ ok: false, error: { code: 'STATE_WRITE' } });
    expect(!refused.ok && refused.error.message).toContain('shop.json');
    expect(!refused.ok && refused.error.hint).toContain('nothing was changed');
    expect(store.desired()).toEqual(before);
    expect(await store.events({ limit: 10 })).toHaveLength(length);
    expect(store.unwritten()).toBeNull();
  });

  it('restart of what runs is carried out, and says that it is not saved', async () => {
    const { store, ask, breakDisk } = await scene();
    breakDisk();
    const after = { app: 'shop/api', instances: 1, instancesAfterRestart: 1 };
    expect(await ask('restart')).toMatchObject({ ok: true, value: { unwritten: { apps: [{}, after] } } });
    expect(store.desired().map(({ restartGeneration }) => restartGeneration)).toEqual([1, 1]);
  });

  it('stop is carried out when it cannot be saved, says so, and is saved when that works again', async () => {
    const { dir, store, ask, breakDisk, mendDisk } = await scene();
    breakDisk();
    const stopped = await ask('stop');
    const after = { app: 'shop/api', instances: 0, instancesAfterRestart: 1 };
    expect(stopped).toMatchObject({ ok: true, value: { unwritten: { apps: [expect.anything(), after] } } });
    expect(store.desired().map(({ override }) => override?.run)).toEqual(['stopped', 'stopped']);
    mendDisk();
    expect(await store.settle()).toBeNull();
    const found = await openedStore(dir, { readOnly: true });
    expect(found.desired().map(({ override }) => override?.run)).toEqual(['stopped', 'stopped']);
  });

  it('delete stops what it cannot take off the disk', async () => {
    const { store, leaving, ask, breakDisk } = await scene();
    const before = store.desired();
    breakDisk();
    const refused = await ask('delete');
    expect(refused).toMatchObject({ ok: false, error: { code: 'STATE_WRITE' } });
    expect(!refused.ok && refused.error.message).toContain('stopped alpha/api, shop/api, and cannot delete');
    expect(store.desired().map(({ override }) => override?.run)).toEqual(['stopped', 'stopped']);
    expect(before.map(({ key }) => leaving.get(key))).toEqual([undefined, undefined]);
  });

  it('deletes none of them where one is protected', async () => {
    const { store, ask } = await scene({ protect: true });
    expect(await ask('delete')).toMatchObject({ ok: false });
    expect(store.desired()).toHaveLength(2);
  });

  it('is one commit', async () => {
    const { store, ask } = await scene();
    const commits: unknown[] = [];
    store.onCommit(({ changed }) => commits.push(changed));
    expect(await ask('stop')).toMatchObject({ ok: true });
    expect(commits).toEqual([['alpha/api', 'shop/api']]);
  });
});
