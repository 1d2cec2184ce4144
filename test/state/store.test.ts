import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clocks/clock.ts';
import type { SlotHistory } from '../../src/plan/model/observed.ts';
import { openStore } from '../../src/state/open-store.ts';
import type { Committed } from '../../src/state/store.ts';
import type { RevisionMeta } from '../../src/state/model/types.ts';
import { USUAL_RETENTION } from '../../src/state/model/retention.ts';
import { openedStore, temporaryFolder } from './folder.ts';
import { restartOf, accepted, appSpec } from './specs.ts';

const api = appSpec({ name: 'api', instances: 2, env: { TOKEN: 'geheim' } });
const web = appSpec({ name: 'web' });
const slot: SlotHistory = {
  slot: 0,
  restarts: 3,
  attempt: 1,
  jitter: 0.5,
  unstableExits: [10],
  lastExit: null,
  lastNonce: 'n1',
  lastTemplateHash: 'h1',
  lastRestartGeneration: 0,
};
const meta: RevisionMeta = {
  by: 'ann',
  command: 'apply -f ecosystem.yaml',
  commit: '1a2b3c4d'.repeat(5),
  summary: {
    create: 1,
    scale: 0,
    live: 0,
    roll: 0,
    start: 0,
    stop: 0,
    restart: 0,
    remove: 0,
    unchanged: 0,
    processesTouched: 2,
    processesUntouched: 0,
  },
  changes: [{ app: 'shop/api', kind: 'create', fields: [] }],
};

describe('a committed fact', () => {
  test('is there after a restart, with revisions, histories, cron ticks and ids', async () => {
    const dir = temporaryFolder();
    const first = await openedStore(dir);
    const committed = await first.commit(accepted('shop', [api, web]), () => meta);
    expect(committed).toEqual({
      ok: true,
      value: { changed: ['shop/api', 'shop/web'], revisions: [{ project: 'shop', revision: 1 }] },
    });
    first.recordHistory('shop/api', [slot]);
    first.recordCronTick('shop/api', 77);
    expect([first.idOf('shop/api', 0), first.idOf('shop/api', 1), first.idOf('shop/web', 0)]).toEqual([
      0, 1, 2,
    ]);
    expect(await first.flush()).toEqual({ ok: true, value: undefined });

    const second = await openedStore(dir);
    expect(second.notices).toEqual([]);
    expect(second.desired()).toEqual(first.desired());
    expect(second.projects()).toEqual(first.projects());
    expect(second.history('shop/api')).toEqual({ key: 'shop/api', slots: [slot], lastCronTick: 77 });
    expect(second.idOf('shop/web', 0)).toBe(2);
    expect(await second.revisions('shop')).toMatchObject([{ revision: 1, ...meta, at: 1_000 }]);
    const revision = await second.revision('shop', 1);
    expect(revision.ok && revision.value.spec.apps.map((app) => app.env)).toEqual([{ TOKEN: 'geheim' }, {}]);
  });

  test('that changes nothing writes nothing', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api]));
    const before = statSync(join(dir, 'projects', 'shop.json')).ino;
    const again = await store.commit(accepted('shop', [api]));
    expect(again).toEqual({ ok: true, value: { changed: [], revisions: [] } });
    expect(statSync(join(dir, 'projects', 'shop.json')).ino).toBe(before);
  });

  test('keeps the last 20 revisions', async () => {
    const store = await openedStore(temporaryFolder());
    for (let n = 1; n <= 23; n++) await store.commit(accepted('shop', [{ ...api, kill_timeout: n }]));
    const revisions = await store.revisions('shop');
    expect(revisions.map(({ revision }) => revision)).toEqual(Array.from({ length: 20 }, (_, i) => 23 - i));
    expect(new Set(revisions.map(({ hash }) => hash)).size).toBe(20);
    expect(await store.revision('shop', 3)).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
  });

  test('keeps as many revisions as is to be kept now, and removes more with the next one', async () => {
    const dir = temporaryFolder();
    let revisions = 25;
    const store = await openedStore(dir, { retention: () => ({ ...USUAL_RETENTION, revisions }) });
    const commit = (n: number) => store.commit(accepted('shop', [{ ...api, kill_timeout: n }]));
    const kept = async () => (await store.revisions('shop')).map(({ revision }) => revision);
    for (let n = 1; n <= 23; n++) await commit(n);
    expect(await kept()).toHaveLength(23);
    revisions = 5;
    await commit(24);
    expect(await kept()).toEqual([24, 23, 22, 21, 20]);
    expect(await store.revision('shop', 19)).toMatchObject({
      error: { code: 'NOT_FOUND', hint: expect.stringContaining('limits.revisions') as unknown },
    });
    expect(Object.keys(store.project('shop')?.outcomes ?? {})).toHaveLength(5);
    await store.close();
    // A command without a daemon does not know how many they are to be.
    const reading = await openedStore(dir, { readOnly: true });
    expect(await reading.revisions('shop')).toHaveLength(5);
  });

  test('has not happened when it could not be written', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api]));
    rmSync(join(dir, 'projects'), { recursive: true });
    writeFileSync(join(dir, 'projects'), 'in the way');
    const failed = await store.commit(accepted('shop', [{ ...api, kill_timeout: 1 }]));
    expect(failed).toMatchObject({ ok: false, error: { code: 'STATE_WRITE' } });
    expect(store.desired()).toMatchObject([{ key: 'shop/api', generation: 1, restartGeneration: 0 }]);
    rmSync(join(dir, 'projects'));
    mkdirSync(join(dir, 'projects'));
    const mended = await store.commit(restartOf('shop/api'));
    expect(mended.ok).toBe(true);
    expect(store.desired()).toMatchObject([{ generation: 2, restartGeneration: 1 }]);
  });

  test('is told to those who follow commits, with the state before and after, and is no news when nothing changed', async () => {
    const store = await openedStore(temporaryFolder());
    const told: Committed[] = [];
    const end = store.onCommit((committed) => told.push(committed));
    await store.commit(accepted('shop', [api, web]));
    await store.commit(accepted('shop', [api, web]));
    await store.commit(restartOf('shop/api'));
    end();
    await store.commit(restartOf('shop/web'));
    expect(told.map(({ changed }) => changed)).toEqual([['shop/api', 'shop/web'], ['shop/api']]);
    expect(told[1]?.before).toBe(told[0]?.after);
  });

  test('leaves apps that it does not change the same objects', async () => {
    const store = await openedStore(temporaryFolder());
    await store.commit(accepted('shop', [api, web]));
    const [apiBefore, webBefore] = store.desired();
    await store.commit(restartOf('shop/api'));
    expect(store.desiredApp('shop/web')).toBe(webBefore);
    expect(store.desiredApp('shop/api')).not.toBe(apiBefore);
  });

  test('of several projects happens to all of them or to none', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit([accepted('alpha', [api]), accepted('shop', [api])]);
    const before = store.desired();
    const told: Committed[] = [];
    store.onCommit((committed) => told.push(committed));
    // The second project file cannot be written.
    mkdirSync(join(dir, 'projects', '.shop.json.tmp.prev.tmp'));
    const changed = [{ ...api, kill_timeout: 1 }];
    const failed = await store.commit([accepted('alpha', changed), accepted('shop', changed)]);
    expect(failed).toMatchObject({ ok: false, error: { code: 'STATE_WRITE' } });
    expect(store.desired()).toEqual(before);
    expect(told).toEqual([]);
    const file = readFileSync(join(dir, 'projects', 'alpha.json'), 'utf8');
    expect(file).not.toContain('"kill_timeout":1,');
  });

  test('comes after the ones that were committed before it, also when nobody waited', async () => {
    const store = await openedStore(temporaryFolder());
    await Promise.all([
      store.commit(accepted('shop', [api])),
      ...Array.from({ length: 10 }, () => store.commit(restartOf('shop/api'))),
    ]);
    expect(store.desired()).toMatchObject([{ generation: 11, restartGeneration: 10 }]);
  });

  test('is kept from other users', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api]));
    store.appendEvent(event('hello'));
    for (const folder of ['.', 'projects', 'revisions', 'revisions/shop', 'history']) {
      expect(statSync(join(dir, folder)).mode & 0o777).toBe(0o700);
    }
    for (const file of ['projects/shop.json', 'revisions/shop/1.json', 'ids.json', 'events.ndjson']) {
      expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
    }
  });

  test('stays below its folder, whatever the project is called', async () => {
    const dir = join(temporaryFolder(), 'state');
    const store = await openedStore(dir);
    const hostile = ['../../evil', '..', '.hidden', 'a\0b\n', 'x'.repeat(300), 'Ünïcode', 'shop.json.prev'];
    for (const project of hostile) await store.commit(accepted(project, [api]));
    expect(readdirSync(join(dir, '..'))).toEqual(['state']);
    const again = await openedStore(dir);
    expect(
      again
        .projects()
        .map(({ project }) => project)
        .sort(),
    ).toEqual([...hostile].sort());
    expect((await again.revisions('../../evil')).length).toBe(1);
  });
});

describe('deleting an app', () => {
  test('frees its ids and its history, and the counter grows on', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api, web]));
    store.recordHistory('shop/api', [slot]);
    await store.commit({ kind: 'apps-deleted', keys: ['shop/api'], at: 5 });
    expect(store.history('shop/api').slots).toEqual([]);
    await store.commit(accepted('shop', [web, api]));
    expect(store.idOf('shop/web', 0)).toBe(2);
    expect(store.idOf('shop/api', 0)).toBe(3);
    await store.close();
    expect((await openedStore(dir)).history('shop/api').slots).toEqual([]);
  });

  test('of the last one starts the ids at 0 again', async () => {
    const store = await openedStore(temporaryFolder());
    await store.commit(accepted('shop', [api]));
    await store.commit(accepted('shop', []));
    await store.commit(accepted('shop', [web]));
    expect(store.idOf('shop/web', 0)).toBe(0);
    expect(store.project('shop')).toMatchObject({ revision: 3 });
  });
});

describe('a store that is opened for reading only', () => {
  test('creates nothing and takes a missing folder as a new home', async () => {
    const dir = join(temporaryFolder(), 'state');
    const store = await openedStore(dir, { readOnly: true });
    expect(store.desired()).toEqual([]);
    expect(store.idOf('shop/api', 0)).toBe(0);
    expect(await store.events({ limit: 5 })).toEqual([]);
    expect(await store.revisions('shop')).toEqual([]);
    expect(await store.commit(accepted('shop', [api]))).toMatchObject({ ok: false });
    await store.close();
    expect(() => statSync(dir)).toThrow('ENOENT');
  });

  test('reads what a daemon left, and changes no file', async () => {
    const dir = temporaryFolder();
    const writer = await openedStore(dir);
    await writer.commit(accepted('shop', [api]));
    writer.appendEvent(event('hello'));
    await writer.close();
    const files = (): unknown =>
      readdirSync(dir, { recursive: true }).map((name) => [name, statSync(join(dir, String(name))).mtimeMs]);
    const before = files();
    const reader = await openedStore(dir, { readOnly: true });
    expect(reader.desired()).toMatchObject([{ key: 'shop/api' }]);
    expect(await reader.events({ limit: 5 })).toMatchObject([{ seq: 1, message: 'hello' }]);
    reader.recordHistory('shop/api', [slot]);
    await reader.close();
    expect(files()).toEqual(before);
  });
});

describe('history', () => {
  test('is written once for many records, and at the latest when flushed', async () => {
    const dir = temporaryFolder();
    const due: (() => void)[] = [];
    const clock = {
      ...systemClock,
      after: (ms: number, callback: () => void) => {
        // Longer ones are about other things.
        if (ms < 1_000) due.push(callback);
        return () => undefined;
      },
    };
    const store = await openedStore(dir, { clock });
    await store.commit(accepted('shop', [api]));
    for (let n = 0; n < 50; n++) store.recordHistory('shop/api', [{ ...slot, restarts: n }]);
    expect(due.length).toBe(1);
    expect(() => statSync(join(dir, 'history', 'shop.json'))).toThrow('ENOENT');
    await store.flush();
    const reader = await openedStore(dir, { readOnly: true });
    expect(reader.history('shop/api').slots).toMatchObject([{ restarts: 49 }]);
  });
});

describe('closing', () => {
  test('refuses later commits and flushes what was recorded', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api]));
    store.recordHistory('shop/api', [slot]);
    await store[Symbol.asyncDispose]();
    expect(await store.commit(restartOf('shop/api'))).toMatchObject({ ok: false });
    expect((await openedStore(dir)).history('shop/api').slots).toEqual([slot]);
  });
});

test('a folder that cannot be made is a failure, not a crash', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const opened = await openStore({ dir: join(file, 'state'), clock: systemClock });
  expect(opened).toMatchObject({ ok: false, error: { code: 'STATE_WRITE' } });
});

function event(message: string): Parameters<Awaited<ReturnType<typeof openedStore>>['appendEvent']>[0] {
  return {
    at: 1,
    level: 'info',
    reason: 'Created',
    message,
    key: 'shop/api',
    slot: 0,
    pid: 1,
    generation: 1,
  };
}
