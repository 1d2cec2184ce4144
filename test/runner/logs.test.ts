import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clocks/clock.ts';
import { LogStore } from '../../src/runner/logs/log-store.ts';
import type { InstanceLabels, LogSettings } from '../../src/runner/protocol/orders.ts';
import type { RunnerProblem } from '../../src/runner/protocol/reports.ts';
import { StreamLog } from '../../src/runner/output/stream-log.ts';
import { eventually } from '../support/eventually.ts';
import { fileText } from '../support/files.ts';

let folder: string;
let store: LogStore;
let told: string[];
/** How far the clock of the logs is ahead of the system's, in milliseconds. */
let ahead: number;
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
  told = [];
  ahead = 0;
  store = new LogStore({
    folder: '/none',
    streams: { stdout: '/none/1', stderr: '/none/2' },
    clock: { ...systemClock, now: () => systemClock.now() + ahead },
    log: () => undefined,
    changed: (file) =>
      told.push(
        file
          .problems()
          .map(({ code }) => code)
          .join(),
      ),
  });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const labels: InstanceLabels = {
  project: 'shop',
  app: 'api',
  slot: 2,
  generation: 1,
  restartGeneration: 0,
  revision: 1,
  templateHash: 'h',
};

function settings(overrides: Partial<LogSettings> = {}): { labels: InstanceLabels; logs: LogSettings } {
  const logs = {
    outFile: join(folder, 'logs/out.log'),
    errorFile: join(folder, 'logs/error.log'),
    combinedFile: null,
    dateFormat: null,
    json: false,
    rotate: null,
    ...overrides,
  };
  return { labels, logs };
}

function problemsOf(log: StreamLog): readonly RunnerProblem[] {
  return log.files.flatMap((file) => file.problems());
}

/** Writes the chunks as a process would that then ends, and gives what is in the file. */
async function logged(
  chunks: readonly (string | Buffer)[],
  overrides: Partial<LogSettings> = {},
): Promise<Buffer> {
  const log = new StreamLog('out', store, settings(overrides));
  for (const chunk of chunks) log.write(Buffer.from(chunk));
  log.close();
  await store.close();
  return readFile(join(folder, 'logs/out.log'));
}

describe('lines as they came', () => {
  test('are on disk byte for byte, whatever the bytes and however they were cut', async () => {
    const bytes = Buffer.concat([randomBytes(300_000), Buffer.from([10])]);
    const chunks: Buffer[] = [];
    for (let start = 0; start < bytes.length; start += 777) chunks.push(bytes.subarray(start, start + 777));
    expect((await logged(chunks)).equals(bytes)).toBe(true);
  });

  test('an overlong line is not broken, and not kept in memory', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    const before = process.memoryUsage().rss;
    const log = new StreamLog('out', store, settings());
    for (let count = 0; count < 3_200; count++) {
      log.write(piece);
      const full = log.full;
      if (full !== undefined) await new Promise<void>((resolve) => full.whenWritable(resolve));
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    log.close();
    await store.close();
    const content = await readFile(join(folder, 'logs/out.log'));
    expect(content.length).toBe(3_200 * piece.length + 1);
    expect(content.indexOf(10)).toBe(content.length - 1);
    expect(told).toEqual([]);
  });

  test('a line whose end never came is ended when the process is over', async () => {
    expect(String(await logged(['one\ntw', 'o']))).toBe('one\ntwo\n');
    expect(String(await logged([]))).toBe('one\ntwo\n');
  });

  test('instances that share a file do not break each other’s lines', async () => {
    const first = new StreamLog('out', store, settings());
    const second = new StreamLog('out', store, settings());
    first.write(Buffer.from('first, '));
    second.write(Buffer.from('second\n'));
    first.write(Buffer.from('whole\n'));
    first.write(Buffer.alloc(64 * 1024 + 1, 'x'));
    second.write(Buffer.from('third\n'));
    first.close();
    second.close();
    await store.close();
    const lines = String(await readFile(join(folder, 'logs/out.log'))).split('\n');
    expect(lines.map((line) => line.slice(0, 12))).toEqual([
      'second',
      'first, whole',
      'x'.repeat(12),
      'third',
      'x',
      '',
    ]);
  });

  test('the combined file gets both streams', async () => {
    const shared = settings({ combinedFile: join(folder, 'all.log') });
    const out = new StreamLog('out', store, shared);
    const error = new StreamLog('error', store, shared);
    out.write(Buffer.from('o\n'));
    error.write(Buffer.from('e\n'));
    out.close();
    error.close();
    await store.close();
    expect(String(await readFile(join(folder, 'all.log')))).toBe('o\ne\n');
    expect(String(await readFile(join(folder, 'logs/error.log')))).toBe('e\n');
  });
});

describe('decorated lines', () => {
  test('each has the date in front, also when a chunk ends in the middle of one', async () => {
    const text = String(await logged(['a\nb', 'c\n', '\nd'], { dateFormat: 'YYYY' }));
    const year = new Date().getFullYear();
    expect(text).toBe(`${year}: a\n${year}: bc\n${year}: \n${year}: d\n`);
  });

  test('a burst larger than the room for it loses nothing', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}`);
    const text = String(await logged([`${lines.join('\n')}\n`], { dateFormat: '[x]' }));
    expect(text).toBe(lines.map((line) => `x: ${line}\n`).join(''));
  });

  test('a line of more than 64 KiB goes on as a further line', async () => {
    const text = String(await logged(['y'.repeat(65_536 + 10), '\nz\n'], { dateFormat: '[x]' }));
    expect(text).toBe(`x: ${'y'.repeat(65_536)}\nx: ${'y'.repeat(10)}\nx: z\n`);
  });

  test('a line of just 64 KiB does not', async () => {
    const text = String(await logged(['y'.repeat(65_536), '\nz\n'], { dateFormat: '[x]' }));
    expect(text).toBe(`x: ${'y'.repeat(65_536)}\nx: z\n`);
  });

  test('as JSON, one record a line', async () => {
    const text = String(await logged(['say "hi"\nb', 'ye'], { json: true, dateFormat: '[now]' }));
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const rest = { timestamp: 'now', type: 'out', process_id: 2, app_name: 'api' };
    expect(records).toEqual([
      { message: 'say "hi"', ...rest },
      { message: 'bye', ...rest },
    ]);
  });

  test('a changed setting holds from the next line on', async () => {
    const log = new StreamLog('out', store, settings());
    log.write(Buffer.from('a\nb'));
    log.update(settings({ dateFormat: '[x]' }));
    log.write(Buffer.from('c\n'));
    log.close();
    await store.close();
    expect(String(await readFile(join(folder, 'logs/out.log')))).toBe('a\nx: bc\n');
  });
});

describe('a file that cannot be written', () => {
  test('costs lines, oldest first, says so once, and gets the rest when it can be', async () => {
    await mkdir(join(folder, 'logs'));
    await symlink('/dev/full', join(folder, 'logs/out.log'));
    const log = new StreamLog('out', store, settings());
    const line = `${'x'.repeat(999)}\n`;
    log.write(Buffer.from(line));
    await eventually(() => told.length > 0);
    for (let count = 0; count < 200; count++) log.write(Buffer.from(line.repeat(100)));
    log.write(Buffer.from('last\n'));
    expect(told).toEqual(['log-write-failed']);
    expect(problemsOf(log)).toEqual([
      {
        code: 'log-write-failed',
        message: `cannot write ${join(folder, 'logs/out.log')}: there is no room left: make some (ENOSPC)`,
      },
    ]);
    expect(log.full).toBeUndefined();
    await rm(join(folder, 'logs/out.log'));
    const text = await fileText(join(folder, 'logs/out.log'), 'last\n');
    const dropped = Number(/\[stateward: (\d+) lines dropped\]/.exec(text)?.[1]);
    // All lines but the marker's, and the end of the text.
    expect(text.split('\n').length - 2 + dropped).toBe(20_002);
    expect(text.length).toBeLessThan(7 * 1024 * 1024);
    expect(told).toEqual(['log-write-failed', '', 'log-dropped']);
    expect(problemsOf(log)[0]?.message).toMatch(/^\d+ lines dropped: .* did not take them in time$/);
    const counts = { app: 'shop/api', bytes: 20_001 * 1_000 + 5, droppedLines: dropped };
    expect(store.usage.list(new Set(['shop/api', 'shop/web']))).toEqual([counts]);
    // Of an app without processes nothing is kept.
    expect(store.usage.list(new Set())).toEqual([]);
    log.close();
  });

  test('a removed folder is made again', async () => {
    const log = new StreamLog('out', store, settings());
    log.write(Buffer.from('a\n'));
    await fileText(join(folder, 'logs/out.log'), 'a\n');
    await rm(join(folder, 'logs'), { recursive: true });
    store.reopen();
    log.write(Buffer.from('b\n'));
    expect(await fileText(join(folder, 'logs/out.log'), 'b')).toBe('b\n');
    log.close();
  });

  test('one that another program has moved is opened anew', async () => {
    const path = join(folder, 'logs/out.log');
    const log = new StreamLog('out', store, settings());
    log.write(Buffer.from('a\n'));
    await fileText(path, 'a\n');
    await rename(path, `${path}.old`);
    store.reopen();
    log.write(Buffer.from('b\n'));
    expect(await fileText(path, 'b')).toBe('b\n');
    expect(await fileText(`${path}.old`, 'a')).toBe('a\n');
    log.close();
  });
});

describe('half a line of a runner that was killed while it wrote', () => {
  const out = (): string => join(folder, 'logs/out.log');

  test('is ended before the first line of the next one, and no other line is', async () => {
    await mkdir(join(folder, 'logs'));
    await writeFile(out(), 'whole\nhal');
    const log = new StreamLog('out', store, settings());
    log.write(Buffer.from('next\n'));
    expect(await fileText(out(), 'next')).toBe('whole\nhal\nnext\n');
    // A line that is too long for memory goes on where it was, also in a file that is opened anew.
    log.write(Buffer.alloc(100_000, 'x'));
    await eventually(() => readFileSync(out(), 'utf8').endsWith('xxx'));
    store.reopen();
    log.write(Buffer.from('y\n'));
    expect(await fileText(out(), 'y\n')).toBe(`whole\nhal\nnext\n${'x'.repeat(100_000)}y\n`);
    log.close();
  });

  test('is none where the file ends with a line', async () => {
    await mkdir(join(folder, 'logs'));
    await writeFile(out(), 'whole\n');
    const log = new StreamLog('out', store, settings());
    log.write(Buffer.from('next\n'));
    expect(await fileText(out(), 'next')).toBe('whole\nnext\n');
    log.close();
  });
});

describe('rotation', () => {
  const rotate = { sizeBytes: 1_000, keep: 2, intervalMs: null, compress: false };

  async function writeOneByOne(log: StreamLog, count: number): Promise<void> {
    for (let index = 1; index <= count; index++) {
      log.write(Buffer.from(`${String(index).padEnd(599, 'x')}\n`));
      await fileText(join(folder, 'logs/out.log'), String(index).padEnd(599, 'x'));
    }
  }

  const names = (): string[] => readdirSync(join(folder, 'logs')).sort();
  const first = (name: string): string =>
    readFileSync(join(folder, 'logs', name))
      .toString()
      .slice(0, 2);

  test('keeps the newest so many files, whole lines in each', async () => {
    const log = new StreamLog('out', store, settings({ rotate }));
    await writeOneByOne(log, 5);
    log.close();
    expect(names()).toEqual(['out.log', 'out.log.1', 'out.log.2']);
    expect([first('out.log'), first('out.log.1'), first('out.log.2')]).toEqual(['5x', '4x', '3x']);
  });

  test('goes on where an earlier runner left off', async () => {
    await mkdir(join(folder, 'logs'));
    await writeFile(join(folder, 'logs/out.log'), 'old\n'.repeat(200));
    const log = new StreamLog('out', store, settings({ rotate }));
    await writeOneByOne(log, 1);
    log.close();
    expect(first('out.log.1')).toBe('ol');
  });

  test('compresses what it has put away', async () => {
    const log = new StreamLog('out', store, settings({ rotate: { ...rotate, compress: true } }));
    await writeOneByOne(log, 2);
    await eventually(() => names().join() === 'out.log,out.log.1.gz');
    expect(gunzipSync(readFileSync(join(folder, 'logs/out.log.1.gz'))).toString()).toBe(
      `${'1'.padEnd(599, 'x')}\n`,
    );
    // A rotation waits for the compression before it: go on until there was another.
    await eventually(() => {
      log.write(Buffer.from(`${'3'.padEnd(599, 'x')}\n`));
      return names().join() === 'out.log,out.log.1.gz,out.log.2.gz';
    });
    log.close();
  });

  test('by age', async () => {
    const log = new StreamLog(
      'out',
      store,
      settings({ rotate: { ...rotate, sizeBytes: 1e9, intervalMs: 3_600_000 } }),
    );
    await writeOneByOne(log, 2);
    expect(names()).toEqual(['out.log']);
    ahead = 3_600_000;
    log.write(Buffer.from('3\n'));
    await fileText(join(folder, 'logs/out.log'), '3\n');
    log.close();
    expect(names()).toEqual(['out.log', 'out.log.1']);
    expect(first('out.log.1')).toBe('1x');
  });

  test('loses and doubles no line under load', async () => {
    const log = new StreamLog(
      'out',
      store,
      settings({ rotate: { ...rotate, sizeBytes: 100_000, keep: 1_000 } }),
    );
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`);
    for (let start = 0; start < lines.length; start += 100) {
      log.write(Buffer.from(lines.slice(start, start + 100).join('')));
      if (start % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    log.close();
    await store.close();
    const files = names().sort((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0));
    expect(files.length).toBeGreaterThan(1);
    expect(files.map((name) => readFileSync(join(folder, 'logs', name)).toString()).join('')).toBe(
      lines.join(''),
    );
  });
});
