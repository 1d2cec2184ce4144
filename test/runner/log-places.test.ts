import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clocks/clock.ts';
import type { LogFile } from '../../src/runner/logs/log-file.ts';
import { LogStore } from '../../src/runner/logs/log-store.ts';
import { eventually } from '../support/eventually.ts';
import { fileText } from '../support/files.ts';

const rotate = { sizeBytes: 100, keep: 2, intervalMs: null, compress: false };
const line = Buffer.from(`${'x'.repeat(79)}\n`);

let folder: string;
let store: LogStore;
beforeEach(() => {
  folder = mkdtempSync('/tmp/stw-');
  store = new LogStore({
    folder: '/none',
    streams: { stdout: join(folder, 'stdout'), stderr: join(folder, 'stderr') },
    clock: systemClock,
    log: () => undefined,
    changed: () => undefined,
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

const writer = { source: { project: 'shop', app: 'api', slot: 0, stream: 'out' } } as const;

function open(path: string): LogFile {
  return store.acquire(path, { rotate, json: false });
}

/** Lines one after the other, each seen by `arrived` before the next. */
async function write(
  file: LogFile,
  count: number,
  arrived: (lines: number) => Promise<unknown>,
): Promise<void> {
  for (let index = 1; index <= count; index++) {
    file.append(line, writer);
    await arrived(index);
  }
}

const lines = (count: number): string => String(line).repeat(count);

describe('a place that somebody else has made', () => {
  test('is written to through a link, which stays a link whatever its size', async () => {
    symlinkSync(at('target.log'), at('out.log'));
    await write(open(at('out.log')), 5, (count) => fileText(at('target.log'), lines(count)));
    expect(readlinkSync(at('out.log'))).toBe(at('target.log'));
    expect(readdirSync(folder).sort()).toEqual(['out.log', 'target.log']);
  });

  test('that is a link to a device is not turned into a file, nor is the device', async () => {
    symlinkSync('/dev/null', at('out.log'));
    const file = open(at('out.log'));
    for (let count = 0; count < 5; count++) file.append(line, writer);
    await store.close();
    expect(readlinkSync(at('out.log'))).toBe('/dev/null');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync(folder)).toEqual(['out.log']);
  });

  test('keeps its mode', async () => {
    writeFileSync(at('out.log'), '', { mode: 0o604 });
    await write(open(at('out.log')), 1, (count) => fileText(at('out.log'), lines(count)));
    expect(statSync(at('out.log')).mode & 0o777).toBe(0o604);
  });

  test('that becomes a link after it was opened is not renamed', async () => {
    const file = open(at('out.log'));
    await write(file, 1, (count) => fileText(at('out.log'), lines(count)));
    rmSync(at('out.log'));
    symlinkSync(at('target.log'), at('out.log'));
    await write(file, 2, (count) => fileText(at('target.log'), lines(count)));
    expect(readlinkSync(at('out.log'))).toBe(at('target.log'));
    expect(readdirSync(folder).sort()).toEqual(['out.log', 'target.log']);
  });

  test('that is a FIFO gets its lines while somebody reads, and is mended when somebody does again', async () => {
    execFileSync('mkfifo', [at('out.log')]);
    const file = open(at('out.log'));
    const lost = `cannot write ${at('out.log')}: nobody reads from it: start its reader, or name a file (ENXIO)`;
    await eventually(() => file.problems()[0]?.message === lost);
    const reader = openSync(at('out.log'), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      await eventually(() => file.problems().length === 0);
      file.append(line, writer);
      const got = Buffer.alloc(1_000);
      expect(await eventually(() => readNow(reader, got))).toBe(line.length);
    } finally {
      closeSync(reader);
    }
    expect(lstatSync(at('out.log')).isFIFO()).toBe(true);
  });

  test('that is a FIFO whose reader is behind is not broken, and gets everything in the end', async () => {
    execFileSync('mkfifo', [at('out.log')]);
    const reader = openSync(at('out.log'), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const file = open(at('out.log'));
      for (let count = 0; count < 2_000; count++) file.append(line, writer);
      const got = Buffer.alloc(8_192);
      let size = 0;
      await eventually(() => {
        size += readNow(reader, got) || 0;
        expect(file.problems()).toEqual([]);
        return size === 2_000 * line.length;
      });
    } finally {
      closeSync(reader);
    }
  });
});

test('a socket gets its lines from whoever listens, and is told of when nobody does', async () => {
  let got = '';
  const serve = (): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        socket.on('data', (chunk) => (got += chunk.toString()));
        closing.push(() => socket.destroy());
      });
      server.listen(at('out.sock'), () => resolve(server));
    });
  const closing: (() => void)[] = [];
  const server = await serve();
  const file = open(at('out.sock'));
  await write(file, 5, (count) => eventually(() => got === lines(count)));
  expect(file.problems()).toEqual([]);
  const closed = once(server.close(), 'close');
  for (const close of closing.splice(0)) close();
  await closed;
  writeFileSync(
    at('dead.js'),
    `require('net').createServer().listen('dead.sock', () => process.kill(process.pid, 9))`,
  );
  spawnSync(process.execPath, ['dead.js'], { cwd: folder });
  const dead = open(at('dead.sock'));
  expect((await eventually(() => dead.problems()[0])).message).toMatch(
    /nobody listens on it.*\(ECONNREFUSED\)$/,
  );
  expect(lstatSync(at('dead.sock')).isSocket()).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['dead.js', 'dead.sock']);
});

/** What is there to be read; false: nothing at the moment. */
function readNow(fd: number, into: Buffer): number | false {
  try {
    return readSync(fd, into) || false;
  } catch {
    return false;
  }
}

describe('a place that cannot be written to', () => {
  const broken = async (path: string): Promise<string | undefined> => {
    const file = open(path);
    return (await eventually(() => file.problems()[0])).message;
  };

  test('is known before a line is written, with the way out', async () => {
    mkdirSync(at('folder'));
    writeFileSync(at('file'), '');
    symlinkSync('folder', at('to-folder'));
    symlinkSync('loop', at('loop'));
    symlinkSync(at('nowhere/out.log'), at('dangling'));
    expect(await broken(at('folder'))).toMatch(/it is a folder: name a file in it \(EISDIR\)$/);
    expect(await broken(at('to-folder'))).toMatch(/it is a folder/);
    expect(await broken(at('file/out.log'))).toMatch(
      /file is not a folder: remove it, or name another place \(EEXIST\)$/,
    );
    expect(await broken(at('file/deep/out.log'))).toMatch(
      /file is not a folder: remove it, or name another place \(ENOTDIR\)$/,
    );
    expect(await broken(at('loop'))).toMatch(/a link that leads to itself.*\(ELOOP\)$/);
    expect(await broken(at('dangling'))).toMatch(/its folder cannot be made.*\(ENOENT\)$/);
    expect(await broken(at('n'.repeat(300)))).toMatch(/its name is too long.*\(ENAMETOOLONG\)$/);
    expect(await broken('/proc/none/deep/out.log')).toMatch(/its folder cannot be made.*\(ENOENT\)$/);
    expect(await broken(`${folder}/nul\0byte`)).toMatch(/null bytes/);
  });

  test('does not keep another file of the same app from being written', async () => {
    mkdirSync(at('folder'));
    await broken(at('folder'));
    await write(open(at('good.log')), 1, (count) => fileText(at('good.log'), lines(count)));
  });
});

describe('folders', () => {
  test('of a home that was removed are made again as a home is to be', async () => {
    store = new LogStore({
      folder: at('home/logs'),
      streams: { stdout: at('stdout'), stderr: at('stderr') },
      clock: systemClock,
      log: () => undefined,
      changed: () => undefined,
    });
    const path = at('home/logs/shop/api-out.log');
    await write(open(path), 1, (count) => fileText(path, lines(count)));
    const modes = ['home', 'home/logs', 'home/logs/shop'].map((name) => statSync(at(name)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700, 0o750]);
  });
});

test('a rotated file is compressed into a new file, not into one that somebody has put in its way', async () => {
  writeFileSync(at('victim'), 'precious');
  symlinkSync(at('victim'), at('out.log.1.gz.tmp'));
  const file = store.acquire(at('out.log'), { rotate: { ...rotate, compress: true }, json: false });
  for (let count = 0; count < 3; count++) {
    file.append(line, writer);
    await eventually(() => readFileSync(at('out.log'), { flag: 'a+' }).length === line.length);
  }
  await eventually(() => readdirSync(folder).includes('out.log.1.gz'));
  expect(readFileSync(at('victim'), 'utf8')).toBe('precious');
});
