import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clocks/clock.ts';
import { openStore } from '../../src/state/open-store.ts';
import { openedStore, temporaryFolder } from './folder.ts';
import { restartOf, accepted, appSpec } from './specs.ts';

const api = appSpec({ name: 'api' });

type Damage = (path: string) => void;

const DAMAGES: readonly [string, Damage][] = [
  ['zero bytes', (path) => truncateSync(path, 0)],
  ['cut off', (path) => truncateSync(path, 200)],
  ['no JSON', (path) => writeFileSync(path, 'not json')],
  ['JSON of another kind', (path) => writeFileSync(path, '[]')],
  ['null', (path) => writeFileSync(path, 'null')],
  ['an empty object', (path) => writeFileSync(path, '{}')],
  ['a format that is not a number', (path) => edit(path, '"format":1', '"format":"1"')],
  ['one changed value', (path) => edit(path, '"revision":1', '"revision":7')],
  ['no data', (path) => writeFileSync(path, '{"format":1,"checksum":"x"}')],
  ['zeros after a power cut', (path) => writeFileSync(path, Buffer.alloc(4096))],
  ['binary garbage', (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 1, 2]))],
];

function edit(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

/** A home with two versions of the project file: generation 2 now, generation 1 before. */
async function homeWithTwoVersions(): Promise<{ readonly dir: string; readonly path: string }> {
  const dir = temporaryFolder();
  const store = await openedStore(dir);
  await store.commit(accepted('shop', [api]));
  await store.commit(restartOf('shop/api'));
  await store.close();
  return { dir, path: join(dir, 'projects', 'shop.json') };
}

describe.each(DAMAGES)('a project file with %s', (_, damage) => {
  test('is set aside and the previous version used', async () => {
    const { dir, path } = await homeWithTwoVersions();
    damage(path);
    const damaged = readFileSync(path);
    const store = await openedStore(dir);
    expect(store.desired()).toMatchObject([{ key: 'shop/api', generation: 1 }]);
    expect(store.notices).toEqual([expect.stringContaining(path)]);
    const aside = readdirSync(join(dir, 'projects')).find((name) => name.startsWith('shop.json.corrupt-'));
    expect(readFileSync(join(dir, 'projects', aside ?? ''))).toEqual(damaged);
    // The repair holds: nothing is found damaged the next time.
    await store.close();
    expect((await openedStore(dir)).notices).toEqual([]);
  });

  test('and a previous version like it make opening fail, again and again', async () => {
    const { dir, path } = await homeWithTwoVersions();
    damage(path);
    copyFileSync(path, `${path}.prev`);
    for (let attempt = 0; attempt < 2; attempt++) {
      const opened = await openStore({ dir, clock: systemClock });
      expect(opened).toMatchObject({ ok: false, error: { code: 'STATE_UNREADABLE' } });
      expect(!opened.ok && opened.error.message).toContain(path);
      expect(!opened.ok && opened.error.hint).toContain('the last revision of the project is taken');
    }
    expect(existsSync(path)).toBe(true);
  });

  test('is left alone by a reader', async () => {
    const { dir, path } = await homeWithTwoVersions();
    damage(path);
    const before = readdirSync(join(dir, 'projects'));
    const store = await openedStore(dir, { readOnly: true });
    expect(store.desired()).toMatchObject([{ generation: 1 }]);
    expect(readdirSync(join(dir, 'projects'))).toEqual(before);
  });
});

describe('the desired state', () => {
  test('is refused when the only version is unreadable', async () => {
    const { dir, path } = await homeWithTwoVersions();
    rmSync(`${path}.prev`);
    truncateSync(path, 10);
    expect(await openStore({ dir, clock: systemClock })).toMatchObject({
      ok: false,
      error: { code: 'STATE_UNREADABLE' },
    });
  });

  test('is taken from the previous version when the newest is gone', async () => {
    const { dir, path } = await homeWithTwoVersions();
    rmSync(path);
    const store = await openedStore(dir);
    expect(store.desired()).toMatchObject([{ generation: 1 }]);
    expect(existsSync(path)).toBe(true);
  });

  test('is taken from the last revision when both versions are gone', async () => {
    const { dir, path } = await homeWithTwoVersions();
    rmSync(path);
    rmSync(`${path}.prev`);
    const store = await openedStore(dir);
    expect(store.desired()).toMatchObject([{ key: 'shop/api', spec: api, revision: 1 }]);
    expect(store.notices).toEqual([expect.stringContaining('is taken as revision 1 declares it')]);
    // From now on it is on disk again.
    await store.commit(restartOf('shop/api'));
    await store.close();
    expect((await openedStore(dir)).notices).toEqual([]);
  });

  test('has no project whose only commit could not be written', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    rmSync(join(dir, 'projects'), { recursive: true });
    writeFileSync(join(dir, 'projects'), '');
    expect((await store.commit(accepted('shop', [api]))).ok).toBe(false);
    await store.close();
    rmSync(join(dir, 'projects'));
    expect((await openedStore(dir)).desired()).toEqual([]);
  });

  test.each(['projects/shop.json', 'ids.json', 'history/shop.json'])(
    'is refused when %s is of a newer version, and the file is not touched',
    async (name) => {
      const { dir } = await homeWithTwoVersions();
      const path = join(dir, name);
      writeFileSync(path, '{"format":2,"checksum":"?","data":{"new":"shape"}}');
      const before = readdirSync(dir, { recursive: true });
      expect(await openStore({ dir, clock: systemClock })).toMatchObject({
        ok: false,
        error: { code: 'STATE_NEWER' },
      });
      expect(readdirSync(dir, { recursive: true })).toEqual(before);
    },
  );
});

describe('history and ids', () => {
  test.each(['ids.json', 'history/shop.json'])('begin anew when %s is beyond repair', async (name) => {
    const { dir } = await homeWithTwoVersions();
    const path = join(dir, name);
    writeFileSync(path, 'x');
    rmSync(`${path}.prev`, { force: true });
    const store = await openedStore(dir);
    expect(store.notices).toEqual([expect.stringContaining(path)]);
    expect(store.desired()).toMatchObject([{ generation: 2 }]);
    await store.close();
    expect((await openedStore(dir)).notices).toEqual([]);
  });
});

describe('revisions', () => {
  test('that are damaged are left out of the list and named when asked for', async () => {
    const { dir } = await homeWithTwoVersions();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [{ ...api, kill_timeout: 1 }]));
    truncateSync(join(dir, 'revisions', 'shop', '1.json'), 50);
    expect((await store.revisions('shop')).map(({ revision }) => revision)).toEqual([2]);
    expect(await store.revision('shop', 1)).toMatchObject({ ok: false, error: { code: 'STATE_UNREADABLE' } });
  });

  test('that a crash left without their project file are not listed, and are overwritten', async () => {
    const { dir } = await homeWithTwoVersions();
    copyFileSync(join(dir, 'revisions/shop/1.json'), join(dir, 'revisions/shop/2.json'));
    const store = await openedStore(dir);
    expect((await store.revisions('shop')).map(({ revision }) => revision)).toEqual([1]);
    await store.commit(accepted('shop', [{ ...api, kill_timeout: 1 }]));
    const revision = await store.revision('shop', 2);
    expect(revision.ok && revision.value.spec.apps).toMatchObject([{ kill_timeout: 1 }]);
  });
});
