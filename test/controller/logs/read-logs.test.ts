import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readLogs, type LogSource, type ReadLogsOptions } from '../../../src/controller/logs/read-logs.ts';
import { temporaryFolder } from '../../api/serving.ts';

const NO_FORMAT = { json: false, dateFormat: null };

function source(path: string, fields: Partial<LogSource> = {}): LogSource {
  return { app: 'shop/api', slot: 0, stream: 'out', path, ...NO_FORMAT, ...fields };
}

function options(fields: Partial<ReadLogsOptions> = {}): ReadLogsOptions {
  return { lines: 10, since: null, follow: false, signal: new AbortController().signal, ...fields };
}

async function tail(
  sources: readonly LogSource[],
  fields: Partial<ReadLogsOptions> = {},
): Promise<readonly string[]> {
  const said: string[] = [];
  for await (const item of readLogs(sources, options(fields))) {
    if ('line' in item) said.push(item.line);
    else said.push('notice' in item ? `notice: ${item.notice}` : `mark: ${item.mark}`);
  }
  return said;
}

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');

describe('the last lines of a log', () => {
  test.each<[string, string | Buffer, number, readonly string[]]>([
    ['of an empty file are none', '', 5, []],
    ['are all when there are few', 'a\nb\n', 5, ['a', 'b']],
    ['are the newest when there are more', numbered(1, 100), 3, ['line 98', 'line 99', 'line 100']],
    ['count a line that is not ended', 'a\nb\nc', 2, ['b', 'c']],
    ['keep empty lines', '\n\na\n\n', 4, ['', '', 'a', '']],
    ['are none when none are asked for', 'a\nb', 0, []],
    ['reach over many blocks', `${'x'.repeat(300_000)}\nb\n`, 2, ['x'.repeat(300_000), 'b']],
    ['survive bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0x0a, 0x00, 0x0a]), 2, ['a\ufffd', '\0']],
    ['keep characters whole across blocks', `${'é'.repeat(50_000)}\n`, 1, ['é'.repeat(50_000)]],
  ])('%s', async (_, content, lines, expected) => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, content);
    expect(await tail([source(path)], { lines })).toEqual(expected);
  });

  test('of a large file are found without reading all of it', async () => {
    const path = join(temporaryFolder(), 'app.log');
    // 8 GB of nothing, more than a buffer holds.
    writeFileSync(path, '');
    truncateSync(path, 8 * 1024 ** 3);
    appendFileSync(path, `\n${numbered(1, 2)}`);
    expect(await tail([source(path)], { lines: 2 })).toEqual(['line 1', 'line 2']);
    expect((await tail([source(path)], { lines: 3 })).slice(-2)).toEqual(['line 1', 'line 2']);
  });

  test('come from several files one after the other, and say where from', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'out'), 'o1\no2\n');
    writeFileSync(join(folder, 'err'), 'e1\n');
    const items: unknown[] = [];
    const sources = [
      source(join(folder, 'out')),
      source(join(folder, 'missing')),
      source(join(folder, 'err'), { app: 'shop/web', slot: null, stream: 'err' }),
    ];
    for await (const item of readLogs(sources, options())) items.push(item);
    expect(items).toEqual([
      { app: 'shop/api', slot: 0, stream: 'out', line: 'o1' },
      { app: 'shop/api', slot: 0, stream: 'out', line: 'o2' },
      { app: 'shop/web', slot: null, stream: 'err', line: 'e1' },
    ]);
  });

  test('go back into rotated files when the newest has too few', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(`${path}.2`, numbered(1, 3));
    writeFileSync(`${path}.1`, numbered(4, 6));
    writeFileSync(path, numbered(7, 7));
    expect(await tail([source(path)], { lines: 5 })).toEqual([
      'line 3',
      'line 4',
      'line 5',
      'line 6',
      'line 7',
    ]);
  });

  test('of what is not a regular file are none', async () => {
    const folder = temporaryFolder();
    const fifo = join(folder, 'fifo');
    expect(spawnSync('/usr/bin/mkfifo', [fifo]).status).toBe(0);
    expect(await tail([source('/dev/null'), source(folder), source(fifo)])).toEqual([]);
  });
});

describe('since', () => {
  const since = Date.UTC(2026, 0, 2, 12);

  test.each<[string, Partial<LogSource>, readonly string[]]>([
    [
      'a prefix with an offset',
      { dateFormat: 'YYYY-MM-DDTHH:mm:ss.SSSZ' },
      ['2026-01-02T12:59:59.999+01:00: old', '2026-01-02T13:00:00.000+01:00: new'],
    ],
    [
      'a prefix with words and half days',
      { dateFormat: '[at] ddd D MMM YY, h:mm A ZZ' },
      ['at Fri 2 Jan 26, 11:59 AM +0000: old', 'at Fri 2 Jan 26, 12:00 PM +0000: new'],
    ],
    [
      'JSON records',
      { json: true },
      [
        '{"message":"old","timestamp":"2026-01-02T11:59:59.000Z"}',
        '{"message":"new","timestamp":"2026-01-02T12:00:00.000Z"}',
      ],
    ],
    [
      'JSON records with a format',
      { json: true, dateFormat: 'DD.MM.YYYY HH:mm Z' },
      ['{"timestamp":"02.01.2026 11:59 +00:00"}', '{"timestamp":"02.01.2026 12:00 +00:00"}'],
    ],
  ])('leaves out older lines of a file with %s', async (_, times, [older = '', newer = '']) => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, `the rest of something\n${older}\n  at old stack\n${newer}\n  at new stack\n`);
    expect(await tail([source(path, times)], { since })).toEqual([newer, '  at new stack']);
  });

  test('reads a prefix without an offset as local time', async () => {
    const path = join(temporaryFolder(), 'app.log');
    const at = new Date(2026, 5, 1, 8, 30, 0).getTime();
    writeFileSync(path, '2026-06-01 08:29:59: old\n2026-06-01 08:30:00: new\n');
    const dated = source(path, { dateFormat: 'YYYY-MM-DD HH:mm:ss' });
    expect(await tail([dated], { since: at })).toEqual(['2026-06-01 08:30:00: new']);
  });

  test.each<[string, Partial<LogSource>]>([
    ['no format', {}],
    ['a format without a day', { dateFormat: 'HH:mm:ss' }],
    ['a format that its lines do not have', { dateFormat: 'YYYY-MM-DD' }],
  ])('says that it cannot choose in a file with %s', async (_, times) => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, '12:00:00 a\nb\n');
    const said = await tail([source(path, times)], { since });
    expect(said).toEqual([expect.stringContaining('notice: '), '12:00:00 a', 'b']);
    expect(said[0]).toContain(path);
  });

  test('leaves out a file that was not written to since then', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, 'a\n');
    utimesSync(path, since / 1000 - 10, since / 1000 - 10);
    expect(await tail([source(path)], { since })).toEqual([]);
  });
});

describe('following a log', () => {
  interface Follow {
    /** The next lines, as many as asked for. */
    take(count: number): Promise<readonly string[]>;
    end(): Promise<void>;
  }

  /** `pollMs` is long where the watch must do it, short where only polling can. */
  function follow(sources: readonly LogSource[], pollMs = 60_000, lines = 10): Follow {
    const stop = new AbortController();
    const items = readLogs(sources, options({ follow: true, signal: stop.signal, lines, pollMs }));
    const end = async (): Promise<void> => {
      stop.abort();
      await items.return(undefined);
    };
    onTestFinished(end);
    return {
      end,
      async take(count) {
        const taken: string[] = [];
        while (taken.length < count) {
          const next = await items.next();
          if (next.done === true) break;
          if ('line' in next.value) taken.push(next.value.line);
          else if ('notice' in next.value) taken.push(next.value.notice);
        }
        return taken;
      },
    };
  }

  /** As the runner does it: the oldest first, so that for a moment one name is free. */
  function rotate(path: string): void {
    for (let k = 20; k > 0; k--) {
      if (existsSync(`${path}.${k}`)) renameSync(`${path}.${k}`, `${path}.${k + 1}`);
    }
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
  }

  test('gives the end and then what is appended, whole lines only', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, 'a\nb\nhalf');
    const log = follow([source(path)]);
    expect(await log.take(2)).toEqual(['a', 'b']);
    appendFileSync(path, ' and half\nc\nd');
    expect(await log.take(2)).toEqual(['half and half', 'c']);
  });

  test('waits for a file that is not there yet', async () => {
    const path = join(temporaryFolder(), 'app.log');
    const log = follow([source(path)]);
    const next = log.take(1);
    writeFileSync(path, 'first\n');
    expect(await next).toEqual(['first']);
  });

  test('waits for a folder that is not there yet', async () => {
    const path = join(temporaryFolder(), 'later', 'app.log');
    const log = follow([source(path)], 10);
    const next = log.take(1);
    mkdirSync(join(path, '..'));
    writeFileSync(path, 'first\n');
    expect(await next).toEqual(['first']);
  });

  test('goes on over rotation by rename, also when it happened many times since', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, numbered(1, 1));
    const log = follow([source(path)]);
    expect(await log.take(1)).toEqual(['line 1']);
    appendFileSync(path, 'line 2\nline 3');
    for (let n = 4; n <= 6; n++) {
      rotate(path);
      writeFileSync(path, numbered(n, n));
    }
    expect(await log.take(5)).toEqual(['line 2', 'line 3', 'line 4', 'line 5', 'line 6']);
    appendFileSync(path, 'line 7\n');
    expect(await log.take(1)).toEqual(['line 7']);
  });

  test('reads to the end of a moved file while nothing has taken its name', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, 'a\n');
    const log = follow([source(path)]);
    expect(await log.take(1)).toEqual(['a']);
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'late\n');
    expect(await log.take(1)).toEqual(['late']);
    writeFileSync(path, 'new\n');
    expect(await log.take(1)).toEqual(['new']);
  });

  test('begins again after the file was truncated', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, 'a long line\nanother\n');
    const log = follow([source(path)]);
    expect(await log.take(2)).toEqual(['a long line', 'another']);
    copyFileSync(path, `${path}.copy`);
    truncateSync(path, 0);
    appendFileSync(path, 'b\n');
    expect(await log.take(1)).toEqual(['b']);
  });

  test('takes a file that was removed and made anew', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, 'a\n');
    const log = follow([source(path)]);
    expect(await log.take(1)).toEqual(['a']);
    rmSync(path);
    writeFileSync(path, 'b\n');
    expect(await log.take(1)).toEqual(['b']);
  });

  test('gives the lines of several files as they come', async () => {
    const folder = temporaryFolder();
    const [out, err] = [join(folder, 'out'), join(folder, 'err')];
    writeFileSync(out, '');
    writeFileSync(err, '');
    const log = follow([source(out), source(err, { stream: 'err' })]);
    for (const [path, text] of [
      [out, 'o1'],
      [err, 'e1'],
      [out, 'o2'],
    ] as const) {
      const next = log.take(1);
      appendFileSync(path, `${text}\n`);
      expect(await next).toEqual([text]);
    }
  });

  test('cuts a line that does not end, instead of holding it', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, '');
    const log = follow([source(path)]);
    const next = log.take(2);
    appendFileSync(path, 'x'.repeat(3 * 1024 * 1024));
    expect((await next).every((piece) => piece.length >= 1024 * 1024)).toBe(true);
  });

  test('keeps every line of a fast writer that rotates', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, 'begin\n');
    const log = follow([source(path)], 5);
    expect(await log.take(1)).toEqual(['begin']);
    const taken = log.take(5_000);
    for (let n = 1; n <= 5_000; n += 100) {
      appendFileSync(path, numbered(n, n + 99));
      if (n % 500 === 401) rotate(path);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await taken).toEqual(numbered(1, 5_000).trimEnd().split('\n'));
  });

  test('lets go of every file when it ends', async () => {
    const folder = temporaryFolder();
    const paths = ['a', 'b'].map((name) => join(folder, name));
    for (const path of paths) writeFileSync(path, 'x\n');
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let round = 0; round < 3; round++) {
      const log = follow(paths.map((path) => source(path)));
      expect(await log.take(2)).toEqual(['x', 'x']);
      const waiting = log.take(1);
      await log.end();
      expect(await waiting).toEqual([]);
    }
    expect(open()).toBeLessThanOrEqual(before + 1);
  });
});
