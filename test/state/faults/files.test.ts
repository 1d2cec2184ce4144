import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import type { SlotHistory } from '../../../src/plan/model/observed.ts';
import { openStore } from '../../../src/state/open-store.ts';
import type { Store } from '../../../src/state/store.ts';
import { eventFiles, openedStore, temporaryFolder } from '../folder.ts';
import { accepted, appSpec, restartOf } from '../specs.ts';

/** What can become of a file. Each is put in its place by hand. */
const FAULTS: Readonly<Record<string, (path: string) => void>> = {
  empty: (path) => truncateSync(path, 0),
  truncated: (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  garbage: (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 1, 2, 10, 7])),
  zeros: (path) => writeFileSync(path, Buffer.alloc(8192)),
  'of another kind': (path) => writeFileSync(path, 'null\n'),
  deleted: (path) => rmSync(path),
  'a folder': (path) => replace(path, () => mkdirSync(join(path, 'x'), { recursive: true })),
  'a FIFO': (path) => replace(path, () => execFileSync('mkfifo', [path])),
  'a link that leads nowhere': (path) => replace(path, () => symlinkSync('/nonexistent/x', path)),
  'a link to a device': (path) => replace(path, () => symlinkSync('/dev/zero', path)),
  'huge and full of nothing': (path) => truncateSync(path, 3 * 1024 ** 3),
};

function replace(path: string, by: () => void): void {
  rmSync(path);
  by();
}

const history: SlotHistory = {
  slot: 0,
  restarts: 7,
  attempt: 0,
  jitter: 0,
  unstableExits: [],
  lastExit: null,
  lastNonce: null,
  lastTemplateHash: 't',
  lastRestartGeneration: 0,
};

/** Two versions of everything: the newer has restarts. */
async function fill(store: Store): Promise<void> {
  await store.commit(accepted('shop', [appSpec({ name: 'api' })]));
  store.recordHistory('shop/api', [{ ...history, restarts: 6 }]);
  await store.flush();
  await store.commit(accepted('shop', [{ ...appSpec({ name: 'api' }), kill_timeout: 7 }]));
  await store.commit(restartOf('shop/api'));
  store.recordHistory('shop/api', [history]);
  for (const message of ['one', 'two']) {
    store.appendEvent({
      ...{ at: 1, level: 'info', reason: 'Created', message },
      ...{ key: 'shop/api', slot: 0, pid: 1, generation: 1 },
    });
  }
  await store.flush();
}

/** Every file that a store leaves, below its folder: a new one is tried by itself. */
async function filesOfStore(): Promise<readonly string[]> {
  const dir = temporaryFolder();
  const store = await openedStore(dir, { retention: eventFiles(200) });
  await fill(store);
  await store.close();
  const all = readdirSync(dir, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)));
}

async function damagedHome(file: string, damage: (path: string) => void): Promise<string> {
  const dir = temporaryFolder();
  const store = await openedStore(dir, { retention: eventFiles(200) });
  await fill(store);
  await store.close();
  damage(join(dir, file));
  return dir;
}

const KNOWN = [
  'audit/000001.ndjson',
  'audit/head.json',
  'events.ndjson',
  'events.ndjson.1',
  'history/shop.json',
  'history/shop.json.prev',
  'ids.json',
  'projects/shop.json',
  'projects/shop.json.prev',
  'revisions/shop/1.json',
  'revisions/shop/2.json',
];

test('the files below are all that a store leaves', async () => {
  expect((await filesOfStore()).toSorted()).toEqual(KNOWN);
});

describe.each(KNOWN)('%s', (file) => {
  test.each(Object.entries(FAULTS))('found %s costs no declaration, and is found once', async (_, damage) => {
    const dir = await damagedHome(file, damage);
    const store = await openedStore(dir, { retention: eventFiles(200) });
    const [app] = store.desired();
    expect(app?.key).toBe('shop/api');
    expect(app?.spec.kill_timeout).toBe(7);
    if (file !== 'projects/shop.json') expect(app?.restartGeneration).toBe(1);
    if (!file.startsWith('history/')) expect(store.history('shop/api').slots[0]?.restarts).toBe(7);
    // It goes on working: the next changes are written, and what they hold is found again.
    expect((await store.commit(restartOf('shop/api'))).ok).toBe(true);
    store.recordHistory('shop/api', [{ ...history, restarts: 8 }]);
    expect(await store.close()).toBeNull();
    const again = await openedStore(dir, { retention: eventFiles(200) });
    expect(again.desired()).toEqual(store.desired());
    expect(again.history('shop/api').slots[0]?.restarts).toBe(8);
    if (!file.startsWith('revisions/')) expect(again.notices).toEqual([]);
  });

  test.each(Object.entries(FAULTS))('that is %s is left alone by a reader', async (_, damage) => {
    const dir = await damagedHome(file, damage);
    const before = readdirSync(dir, { recursive: true }).toSorted();
    const store = await openedStore(dir, { readOnly: true });
    expect(store.desired().map(({ key }) => key)).toEqual(['shop/api']);
    await store.close();
    expect(readdirSync(dir, { recursive: true }).toSorted()).toEqual(before);
  });

  test('of a newer version is refused at once, with the way out, and is not touched', async () => {
    // Of the audit log every version follows the chain, whatever its lines tell.
    if (file.startsWith('audit/')) return;
    const newer = file.startsWith('events')
      ? '{"v":9,"sum":1,"event":{}}\n'
      : '{"format":9,"checksum":"?","data":{}}\n';
    const dir = await damagedHome(file, (path) => writeFileSync(path, newer));
    // What nobody asks for is not read, nor is a previous version of what is whole.
    if (file.startsWith('revisions/') || file.endsWith('.prev')) return;
    for (const readOnly of [false, true]) {
      const opened = await openStore({ dir, clock: systemClock, readOnly });
      expect(opened).toMatchObject({ ok: false, error: { code: 'STATE_NEWER' } });
      expect(!opened.ok && opened.error.message).toContain(join(dir, file));
      expect(!opened.ok && opened.error.hint).toContain('install that version again');
    }
    expect(readFileSync(join(dir, file), 'utf8')).toBe(newer);
  });
});

describe('the folder', () => {
  test.each(['projects', 'history', 'revisions'])(
    '%s that is a file is refused, and named',
    async (folder) => {
      const dir = await damagedHome('ids.json', () => undefined);
      renameSync(join(dir, folder), join(dir, `${folder}.away`));
      writeFileSync(join(dir, folder), '');
      const opened = await openStore({ dir, clock: systemClock });
      expect(opened).toMatchObject({ ok: false, error: { code: 'STATE_WRITE' } });
      expect(!opened.ok && opened.error.message).toContain(join(dir, folder));
    },
  );
});

test('what is set aside of one file is bounded', async () => {
  const dir = await damagedHome('ids.json', () => undefined);
  const path = join(dir, 'projects', 'shop.json');
  for (let round = 0; round < 8; round++) {
    writeFileSync(path, 'x');
    const clock = { ...systemClock, now: () => 1e12 + round * 1_000 };
    const store = await openedStore(dir, { clock });
    await store.close();
  }
  const aside = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.corrupt-`));
  expect(aside.length).toBe(5);
  expect(existsSync(path)).toBe(true);
});
