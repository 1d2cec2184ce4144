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
import { fixedBook } from '../../../src/controller/logs/books.ts';
import type { Claim, LogFile } from '../../../src/controller/logs/parts/log-source.ts';
import { readLogs, type ReadItem, type ReadLogsOptions } from '../../../src/controller/logs/read-logs.ts';
import { temporaryFolder } from '../../api/serving.ts';

function source(path: string, claim: Partial<Claim> = {}): LogFile {
  return { path, claims: [{ app: 'shop/api', slot: 0, stream: 'out', ...claim }], others: [], keep: null };
}

/** No file of these tests has an index. */
function options(fields: Partial<ReadLogsOptions> = {}): ReadLogsOptions {
  const context = { times: '/nowhere', scratch: temporaryFolder() };
  const signal = new AbortController().signal;
  return {
    ...{ lines: 10, since: null, until: null, filter: null, follow: false, signal, context },
    ...fields,
  };
}

async function tail(
  sources: readonly LogFile[],
  fields: Partial<ReadLogsOptions> = {},
): Promise<readonly string[]> {
  const said: string[] = [];
  for await (const items of readLogs(fixedBook(sources), options(fields))) said.push(...items.map(textOf));
  return said;
}

function textOf(item: ReadItem): string {
  return item.kind === 'line' ? item.line.bytes.toString() : item.kind;
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
      source(join(folder, 'err'), { app: 'shop/web', slot: 3, stream: 'err' }),
    ];
    utimesSync(join(folder, 'out'), 1_000, 1_000);
    for await (const batch of readLogs(fixedBook(sources), options())) {
      items.push(...batch.map((item) => item.kind === 'line' && { ...item.line.origin, at: item.line.at }));
    }
    expect(items).toEqual([
      { app: 'shop/api', slot: 0, stream: 'out', at: null },
      { app: 'shop/api', slot: 0, stream: 'out', at: null },
      { app: 'shop/web', slot: 3, stream: 'err', at: null },
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

describe('since, of a log without times,', () => {
  const since = Date.UTC(2026, 0, 2, 12);

  test('says that it cannot choose, once, and gives what the file holds', async () => {
    const folder = temporaryFolder();
    const paths = ['a', 'b'].map((name) => join(folder, name));
    for (const path of paths) writeFileSync(path, '12:00:00 a\nb\n');
    const said = await tail(
      paths.map((path) => source(path)),
      { since },
    );
    expect(said).toEqual(['untimed', '12:00:00 a', 'b', '12:00:00 a', 'b']);
    expect(
      await tail(
        paths.map((path) => source(path)),
        { since, lines: null },
      ),
    ).toEqual(said);
  });

  test('leaves out a file that was not written to since then', async () => {
    const path = join(temporaryFolder(), 'app.log');
    writeFileSync(path, 'a\n');
    utimesSync(path, since / 1000 - 10, since / 1000 - 10);
    expect(await tail([source(path)], { since })).toEqual([]);
    expect(await tail([source(path)], { since, lines: null })).toEqual([]);
  });
});

describe('following a log', () => {
  interface Follow {
    /** The next lines, as many as asked for. */
    take(count: number): Promise<readonly string[]>;
    end(): Promise<void>;
  }

  /** `pollMs` is long where the watch must do it, short where only polling can. */
  function follow(sources: readonly LogFile[], pollMs = 60_000, lines = 10): Follow {
    const stop = new AbortController();
    const batches = readLogs(
      fixedBook(sources),
      options({ follow: true, signal: stop.signal, lines, pollMs }),
    );
    const waiting: string[] = [];
    const end = async (): Promise<void> => {
      stop.abort();
      await batches.return(undefined);
    };
    onTestFinished(end);
    return {
      end,
      async take(count) {
        while (waiting.length < count) {
          const next = await batches.next();
          if (next.done === true) break;
          waiting.push(...next.value.filter(({ kind }) => kind !== 'mark').map(textOf));
        }
        return waiting.splice(0, count);
      },
    };
  }

  test.each([
    ['nothing is there yet', false],
    ['there are files', true],
  ])('says once that nothing more is missed, before anything is awaited, when %s', async (_when, isThere) => {
    const path = join(temporaryFolder(), 'out.log');
    if (isThere) writeFileSync(path, 'old\n');
    const stop = new AbortController();
    const asked = options({ follow: true, signal: stop.signal, lines: 0, pollMs: 60_000 });
    for (const sources of [[source(path)], []]) {
      const batches = readLogs(fixedBook(sources), asked);
      const next = async () => (await batches.next()).value as readonly ReadItem[];
      const marks = [await next(), ...(sources.length > 0 ? [await next()] : []), await next()];
      expect(marks.flat().every(({ kind }) => kind === 'mark')).toBe(true);
      if (sources.length > 0) {
        appendFileSync(path, 'at once\n');
        expect((await next()).map(textOf)).toEqual(['at once']);
      }
      stop.abort();
      await batches.return(undefined);
    }
  });

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
    writeFileSync(path, 'begin\n');
    const log = follow([source(path)]);
    expect(await log.take(1)).toEqual(['begin']);
    const next = log.take(2);
    appendFileSync(path, 'x'.repeat(3 * 1024 * 1024));
    expect((await next).map((piece) => piece.length >= 1024 * 1024)).toEqual([true, true]);
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
