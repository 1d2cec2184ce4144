import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { timesName } from '../../../src/lib/log-times/times-file.ts';
import { LogStore } from '../../../src/runner/logs/log-store.ts';
import { TimesIndex } from '../../../src/runner/logs/times/times-index.ts';
import { StreamLog } from '../../../src/runner/output/stream-log.ts';
import type { LogSettings } from '../../../src/runner/protocol/orders.ts';
import { eventually } from '../../support/eventually.ts';
import { timedLog, type TimedLog } from '../../support/line-times.ts';

let folder: string;
let times: string;
let log: string;
let index: TimesIndex;
let store: LogStore;
let stores: LogStore[];
/** What the clock says that lines are dated by. */
let now: number;
/** How far durations are ahead of the system's clock, in milliseconds. */
let ahead: number;

beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
  times = join(folder, '.times');
  log = join(folder, 'web.log');
  now = 1_800_000_000_000;
  ahead = 0;
  stores = [];
  store = newStore();
});
afterEach(async () => {
  for (const each of stores) await each.close();
  await rm(folder, { recursive: true, force: true });
});

/** As another runner has it, that goes on. */
function newStore(): LogStore {
  const clock = { ...systemClock, now: () => now, monotonic: () => systemClock.monotonic() + ahead };
  index = new TimesIndex({ folder: times, clock, log: () => undefined });
  const made = new LogStore({
    ...{ folder: '/none', streams: { stdout: '/none/1', stderr: '/none/2' }, clock, times: index },
    ...{ log: () => undefined, changed: () => undefined },
  });
  stores.push(made);
  return made;
}

const rotate = { sizeBytes: 40, keep: 2, intervalMs: null, compress: false };

function stream(app = 'web', logs: Partial<LogSettings> = {}, name: 'out' | 'error' = 'out'): StreamLog {
  const labels = {
    ...{ project: 'shop', app, slot: 1, generation: 1, restartGeneration: 0, revision: 1, templateHash: 'h' },
  };
  const files = { outFile: log, errorFile: log, combinedFile: null };
  return new StreamLog(name, store, {
    labels,
    logs: { ...files, dateFormat: null, json: false, rotate: null, ...logs },
  });
}

const sourceOf = (app: string, stream: 'out' | 'err' = 'out') => ({ project: 'shop', app, slot: 1, stream });
const WEB = sourceOf('web');

/** The log when all of it is told of. */
function whole(path = log): Promise<TimedLog> {
  return eventually(async () => {
    const told = await timedLog(times, path).catch(() => undefined);
    return told !== undefined && told.size > 0 && told.covered === told.size ? told : undefined;
  });
}

/** Writes a line at a moment of its own, and waits until it is in the file. */
async function say(from: StreamLog, line: string, path = log): Promise<number> {
  now += 1_000;
  from.write(Buffer.from(`${line}\n`));
  await eventually(async () => (await readFile(path, 'utf8').catch(() => '')).includes(line));
  return now;
}

describe('the time of a line', () => {
  test('is kept beside the log, which stays what the app wrote', async () => {
    const web = stream();
    const first = await say(web, 'one');
    const second = await say(web, 'two');
    expect((await whole()).lines).toEqual([
      { line: 'one', at: first, source: WEB },
      { line: 'two', at: second, source: WEB },
    ]);
    expect(await readFile(log, 'utf8')).toBe('one\ntwo\n');
    web.close();
  });

  test('is told with the app and the stream where several write to one file', async () => {
    const [web, errors, mail] = [stream(), stream('web', {}, 'error'), stream('mail')];
    const at = [await say(web, 'a'), await say(mail, 'b'), await say(errors, 'c'), await say(web, 'd')];
    expect((await whole()).lines).toEqual([
      { line: 'a', at: at[0], source: WEB },
      { line: 'b', at: at[1], source: sourceOf('mail') },
      { line: 'c', at: at[2], source: sourceOf('web', 'err') },
      { line: 'd', at: at[3], source: WEB },
    ]);
    for (const each of [web, errors, mail]) each.close();
  });

  test('is right behind a prefix and in JSON', async () => {
    const web = stream('web', { dateFormat: 'YYYY', json: true });
    const at = [await say(web, 'one'), await say(web, 'two')];
    expect((await whole()).lines.map((line) => line.at)).toEqual(at);
    web.close();
  });

  test('goes with the file that is rotated, and is removed with it', async () => {
    const web = stream('web', { rotate });
    const at: number[] = [];
    for (let line = 0; line < 5; line++) at.push(await say(web, `${line}${'x'.repeat(30)}`));
    web.close();
    await store.close();
    const told = [await whole(`${log}.2`), await whole(`${log}.1`), await whole()];
    expect(told.flatMap(({ lines }) => lines.map((line) => line.at))).toEqual(at.slice(2));
    expect((await readdir(times)).length).toBe(3);
  });

  test('goes into the file that is compressed', async () => {
    const web = stream('web', { rotate: { ...rotate, compress: true } });
    const at = [await say(web, 'a'.repeat(30)), await say(web, 'b'.repeat(30))];
    await eventually(
      async () =>
        (await readdir(folder)).includes('web.log.1.gz') && !(await readdir(folder)).includes('web.log.1'),
    );
    expect((await timedLog(times, `${log}.1.gz`)).lines).toEqual([
      { line: 'a'.repeat(30), at: at[0], source: WEB },
    ]);
    await whole();
    expect((await readdir(times)).length).toBe(2);
    web.close();
  });

  test('is kept where another program renames the file and it is reopened', async () => {
    const web = stream();
    const first = await say(web, 'one');
    await rename(log, `${log}-20261129`);
    store.reopen();
    const second = await say(web, 'two');
    expect((await whole(`${log}-20261129`)).lines).toEqual([{ line: 'one', at: first, source: WEB }]);
    expect((await whole()).lines).toEqual([{ line: 'two', at: second, source: WEB }]);
    web.close();
  });

  test.each(['while it is quiet', 'in the middle of what is not saved'])(
    'is that of the new lines when another program copies and empties the file %s',
    async (moment) => {
      const web = stream();
      await say(web, 'first');
      await say(web, 'second');
      if (moment === 'while it is quiet') await whole();
      await copyFile(log, `${log}.1`);
      await truncate(log, 0);
      const at = [await say(web, 'third'), await say(web, 'the fourth')];
      expect((await whole()).lines).toEqual([
        { line: 'third', at: at[0], source: WEB },
        { line: 'the fourth', at: at[1], source: WEB },
      ]);
      web.close();
    },
  );

  test('is not that of what was in the file before it was flushed, however soon it is as large again', async () => {
    const web = stream();
    await say(web, 'first');
    await whole();
    await store.flush([log], false);
    // Before anything else is written.
    await eventually(async () => (await timedLog(times, log)).covered === 0);
    const at = await say(web, 'third');
    expect([null, at]).toContain((await timedLog(times, log)).lines[0]?.at);
    expect((await whole()).lines).toEqual([{ line: 'third', at, source: WEB }]);
    web.close();
  });

  test('is not that of what was in the file before it was emptied while nobody wrote to it', async () => {
    const before = stream();
    await say(before, 'first');
    await whole();
    before.close();
    await store.close();
    await truncate(log, 0);
    store = newStore();
    const web = stream();
    const at = await say(web, 'third');
    await eventually(async () => (await timedLog(times, log)).lines[0]?.at === at);
    expect((await whole()).lines).toEqual([{ line: 'third', at, source: WEB }]);
    web.close();
  });

  test('is unknown for what is left of a file that was cut off, and known for what follows', async () => {
    const web = stream();
    await say(web, 'one');
    await say(web, 'two');
    await whole();
    await truncate(log, 4);
    const at = await say(web, 'three');
    expect((await whole()).lines).toEqual([
      { line: 'one', at: null, source: null },
      { line: 'three', at, source: WEB },
    ]);
    web.close();
  });

  test('is unknown for what others append', async () => {
    const web = stream();
    const first = await say(web, 'one');
    await whole();
    await appendFile(log, 'by hand\n');
    const second = await say(web, 'two');
    const { lines } = await whole();
    // The line of somebody else comes between two looks at the size.
    expect(lines.map(({ line }) => line)).toEqual(['one', 'by hand', 'two']);
    expect(lines[0]?.at).toBe(first);
    await appendFile(log, 'again\n');
    web.close();
    await store.close();
    store = newStore();
    const later = stream();
    const third = await say(later, 'three');
    const told = (await whole()).lines;
    expect(told.slice(-2)).toEqual([
      { line: 'again', at: null, source: null },
      { line: 'three', at: third, source: WEB },
    ]);
    expect(told.some(({ at }) => at === second)).toBe(true);
    later.close();
  });

  test('is unknown for a file that was there before, and not for what is added', async () => {
    await writeFile(log, 'old\n');
    const web = stream();
    const at = await say(web, 'new');
    expect((await whole()).lines).toEqual([
      { line: 'old', at: null, source: null },
      { line: 'new', at, source: WEB },
    ]);
    web.close();
  });

  test('goes on with the next runner, also after a torn piece of the one before', async () => {
    const web = stream();
    const first = await say(web, 'one');
    web.close();
    await store.close();
    const name = timesName(await stat(log, { bigint: true }));
    await appendFile(join(times, name), Buffer.from([0x84]));
    store = newStore();
    const again = stream();
    const second = await say(again, 'two');
    expect((await whole()).lines).toEqual([
      { line: 'one', at: first, source: WEB },
      { line: 'two', at: second, source: WEB },
    ]);
    again.close();
  });

  test('is that of the runner itself where lines are missing', async () => {
    const web = stream();
    const file = store.acquire(log, { rotate: null, json: false });
    file.goOnFrom({ told: 0, untold: 3 });
    const at = await say(web, 'after');
    expect((await whole()).lines).toEqual([
      { line: '[stateward: 3 lines dropped]', at, source: null },
      { line: 'after', at, source: WEB },
    ]);
    web.close();
    store.release(log);
  });

  test('is kept for a file that a link leads to', async () => {
    await symlink(log, join(folder, 'link.log'));
    const web = stream('web', { outFile: join(folder, 'link.log') });
    const at = await say(web, 'one');
    expect((await whole()).lines).toEqual([{ line: 'one', at, source: WEB }]);
    web.close();
  });
});

describe('where times cannot be kept', () => {
  test('lines are, it is told, and it mends by itself', async () => {
    await writeFile(times, 'in the way');
    const web = stream();
    const first = await say(web, 'one');
    const [file] = web.files;
    await eventually(() => file?.problems().some(({ code }) => code === 'log-times-lost'));
    expect(file?.problems()[0]?.message).toContain(`lines of ${log} come without times`);
    expect(await readFile(log, 'utf8')).toBe('one\n');
    await unlink(times);
    ahead = 60_000;
    const second = await say(web, 'two');
    expect((await whole()).lines).toEqual([
      { line: 'one', at: first, source: WEB },
      { line: 'two', at: second, source: WEB },
    ]);
    expect(file?.problems()).toEqual([]);
    web.close();
  });
});

describe('indexes whose log is gone', () => {
  /** Old enough to be swept. */
  async function age(): Promise<void> {
    for (const name of await readdir(times)) await utimes(join(times, name), new Date(0), new Date(0));
    now = Date.now();
  }

  test('are removed, and no others', async () => {
    const web = stream();
    await say(web, 'one');
    web.close();
    const other = join(folder, 'other.log');
    const mail = stream('mail', { outFile: other });
    await say(mail, 'one', other);
    mail.close();
    await store.close();
    await rename(log, `${log}-20261129`);
    await unlink(other);
    await age();
    const kept = timesName(await stat(`${log}-20261129`, { bigint: true }));
    await index.sweep();
    expect(await readdir(times)).toEqual([kept]);
  });

  test('stay while the folder of the log cannot be looked at', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    const path = join(disk, 'a.log');
    const web = stream('web', { outFile: path });
    await say(web, 'one', path);
    web.close();
    await store.close();
    await age();
    const [name = ''] = await readdir(times);
    await utimes(join(times, name), new Date(), new Date(now - 3_600_000));
    await rename(disk, `${disk}-away`);
    await index.sweep();
    expect(await readdir(times)).toEqual([name]);
    await age();
    await index.sweep();
    expect(await readdir(times)).toEqual([]);
  });

  test('what is no index is removed as well, and what is being written is not', async () => {
    const web = stream();
    await say(web, 'one');
    await whole();
    await writeFile(join(times, 'noise'), 'x');
    await age();
    await unlink(log);
    await index.sweep();
    expect((await readdir(times)).length).toBe(1);
    web.close();
  });
});
