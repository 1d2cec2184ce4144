import {
  appendFile,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { LogStore } from '../../../src/runner/logs/log-store.ts';
import { rotateDaemonLog } from '../../../src/runner/logs/rotation/daemon-log.ts';
import type { LogFileSettings } from '../../../src/runner/logs/log-file-options.ts';
import { TimesIndex } from '../../../src/runner/logs/times/times-index.ts';
import { eventually } from '../../support/eventually.ts';

let folder: string;
let store: LogStore;
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
  const times = new TimesIndex({ folder: join(folder, '.times'), clock: systemClock, log: () => undefined });
  store = new LogStore({
    ...{ folder: '/none', streams: { stdout: '/none/1', stderr: '/none/2' }, clock: systemClock, times },
    ...{ log: () => undefined, changed: () => undefined },
  });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const DAY = 24 * 3_600_000;
const rotate = { sizeBytes: 100, keep: 9, intervalMs: null, compress: false };
const writer = { source: { project: 'shop', app: 'web', slot: 0, stream: 'out' } } as const;

function use(
  name: string,
  more: Partial<NonNullable<LogFileSettings['rotate']>>,
  app = 'shop/web',
): ReturnType<LogStore['acquire']> {
  return store.acquire(join(folder, name), { rotate: { ...rotate, ...more }, json: false, app });
}

/** A file of `bytes`, written last so many days ago. */
async function made(name: string, bytes: number, days: number): Promise<void> {
  await writeFile(join(folder, name), 'x'.repeat(bytes));
  const at = new Date(Date.now() - days * DAY);
  await utimes(join(folder, name), at, at);
}

async function files(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.includes('.log')).sort();
}

describe('rotated files', () => {
  test("that are older than an app wants are removed, compressed or not, and nobody else's", async () => {
    await made('web.log', 10, 30);
    await made('web.log.1', 10, 1);
    await made('web.log.2.gz', 10, 8);
    await made('web.log.3', 10, 8);
    await made('web.log.old', 10, 99);
    await made('mail.log.1', 10, 99);
    use('web.log', { maxAgeMs: 7 * DAY });
    await store.retention.run();
    expect(await files()).toEqual(['mail.log.1', 'web.log', 'web.log.1', 'web.log.old']);
  });

  test('are removed from the oldest on while the files of an app take more than it may', async () => {
    await made('out.log', 50, 0);
    await made('out.log.1', 100, 2);
    await made('out.log.2', 100, 5);
    await made('error.log', 50, 0);
    await made('error.log.1', 100, 1);
    await made('error.log.2', 100, 4);
    await made('mail.log.1', 1_000, 9);
    for (const name of ['out.log', 'error.log']) use(name, { maxTotalBytes: 320 });
    use('mail.log', { maxTotalBytes: 2_000 }, 'shop/mail');
    await store.retention.run();
    expect(await files()).toEqual([
      'error.log',
      'error.log.1',
      'mail.log',
      'mail.log.1',
      'out.log',
      'out.log.1',
    ]);
  });

  test('are looked at when one is added, without anybody asking', async () => {
    const file = use('web.log', { maxTotalBytes: 250 });
    for (let line = 0; line < 8; line++) {
      file.append(Buffer.from(`${'x'.repeat(79)}\n`), writer);
      await eventually(() => file.isSettled);
    }
    await eventually(async () => (await files()).length === 3);
    expect(await files()).toEqual(['web.log', 'web.log.1', 'web.log.2']);
    await eventually(async () => (await readdir(join(folder, '.times'))).length === 3);
  });

  test('are looked at when an app begins to want them so', async () => {
    await made('web.log.1', 10, 8);
    use('web.log', {});
    await store.retention.run();
    expect(await files()).toContain('web.log.1');
    use('web.log', { maxAgeMs: DAY });
    await eventually(async () => !(await files()).includes('web.log.1'));
  });

  test("beside a link are somebody else's", async () => {
    await made('target', 10, 30);
    await symlink(join(folder, 'target'), join(folder, 'web.log'));
    await made('web.log.1', 10, 30);
    use('web.log', { maxAgeMs: DAY });
    await store.retention.run();
    expect(await files()).toEqual(['web.log', 'web.log.1']);
  });
});

describe('daemon.log', () => {
  test('is copied and emptied when it is full; who has it open writes on', async () => {
    const path = join(folder, 'daemon.log');
    await using writer = await open(path, 'a', 0o600);
    for (let round = 1; round <= 5; round++) {
      await writer.writeFile(`${round}${'x'.repeat(99)}\n`);
      expect(await rotateDaemonLog(path, 100)).toBe(true);
    }
    await writer.writeFile('last\n');
    expect(await rotateDaemonLog(path, 100)).toBe(false);
    expect(await readFile(path, 'utf8')).toBe('last\n');
    expect((await readdir(folder)).sort()).toEqual([
      'daemon.log',
      'daemon.log.1',
      'daemon.log.2',
      'daemon.log.3',
    ]);
    expect((await readFile(`${path}.1`, 'utf8')).startsWith('5x')).toBe(true);
    expect((await readFile(`${path}.3`, 'utf8')).startsWith('3x')).toBe(true);
    expect((await stat(`${path}.1`)).mode & 0o777).toBe(0o600);
  });

  test('that is a link is left alone', async () => {
    const path = join(folder, 'daemon.log');
    await appendFile(join(folder, 'target'), 'x'.repeat(200));
    await symlink(join(folder, 'target'), path);
    await expect(rotateDaemonLog(path, 100)).rejects.toThrow('ELOOP');
    expect((await stat(join(folder, 'target'))).size).toBe(200);
  });
});
