import { appendFileSync, existsSync, truncateSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { LedgerFile } from '../../../src/runner/ledger/ledger-file.ts';
import { recordsOf, type LedgerEntry, type LedgerRecord } from '../../../src/runner/ledger/ledger-record.ts';
import { Ledger } from '../../../src/runner/ledger/ledger.ts';
import { replayLedger } from '../../../src/runner/ledger/replay-ledger.ts';
import { readLedger, setAside } from '../../../src/runner/ledger/read-ledger.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { labels, noLogs } from '../../support/runner/labels.ts';

let folder: string;
let path: string;
let table: Map<string, LedgerEntry>;
let problems: (string | null)[];
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
  path = join(folder, 'ledger.ndjson');
  table = new Map();
  problems = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function entry(nonce: string): LedgerEntry {
  const process = { pid: 1, startTime: '2', bootId: 'b' };
  return {
    nonce,
    labels,
    logs: noLogs,
    io: 'x',
    at: 5,
    process,
    exit: null,
    ready: true,
    limits: null,
    ipc: false,
    listening: null,
    leftovers: null,
    byFile: false,
    tuning: null,
    notify: null,
    reload: null,
  };
}

function open(clock = systemClock, log: (message: string) => void = () => undefined): Ledger {
  const onProblem = (problem: string | null): number => problems.push(problem);
  return new Ledger({ path, clock, log, onProblem, snapshot: () => [...table.values()] });
}

/** Puts an instance on the table and in the ledger, as the runner does. */
async function add(ledger: Ledger, nonce: string): Promise<void> {
  table.set(nonce, entry(nonce));
  await Promise.all(recordsOf(entry(nonce)).map((record) => ledger.append(record, true)));
}

const forget = (nonce: string): LedgerRecord => ({ kind: 'forget', nonce });

describe('the ledger', () => {
  test('gives back what was put in, and not what was forgotten', async () => {
    const ledger = open();
    await ledger.open();
    await add(ledger, 'a');
    await add(ledger, 'b');
    table.delete('a');
    await ledger.append(forget('a'), false);
    await ledger.close();
    expect(await readLedger(path)).toEqual({ entries: [entry('b')], damage: null });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('a missing one is empty', async () => {
    expect(await readLedger(path)).toEqual({ entries: [], damage: null });
  });

  test('what is torn or unknown is passed over, and nothing else', () => {
    const lines = recordsOf(entry('a')).map((record) => JSON.stringify(record));
    const text = [lines[0], '{"kind":"intent","nonce":"b"}', '\u0000\u0000', 'null', ...lines, '{"ki'].join(
      '\n',
    );
    expect(replayLedger(text)).toEqual({ entries: [entry('a')], skipped: 4 });
  });

  test('a record that is appended as soon as the one before it is on disk is written too', async () => {
    const ledger = open();
    await ledger.open();
    const [intent, started] = recordsOf(entry('a'));
    if (intent === undefined || started === undefined) throw new Error('two records expected');
    await ledger.append(intent, true);
    await ledger.append(started, false);
    await ledger.close();
    expect((await readLedger(path)).entries).toEqual([{ ...entry('a'), ready: false }]);
  });

  test('starts that come together share their writes', async () => {
    const ledger = open();
    await ledger.open();
    await Promise.all(Array.from({ length: 200 }, (_, index) => add(ledger, `n${index}`)));
    await ledger.close();
    expect((await readLedger(path)).entries.length).toBe(200);
  });

  test('is written anew when it has grown, without losing what comes meanwhile', async () => {
    const ledger = open();
    await ledger.open();
    for (let round = 0; round < 60; round++) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => add(ledger, `n${index}`)));
    }
    await ledger.close();
    expect((await stat(path)).size).toBeLessThan(1.2 * 1024 * 1024);
    expect((await readLedger(path)).entries.length).toBe(100);
  });

  test('what cannot be written down is told of, stops nothing, and is there when it can be', async () => {
    const clock = new FakeClock();
    const ledger = open(clock);
    await ledger.open();
    await rename(folder, `${folder}-away`);
    table.set('a', entry('a'));
    await ledger.append({ kind: 'forget', nonce: 'b' }, true);
    await ledger.append({ kind: 'forget', nonce: 'b' }, true);
    expect(problems).toEqual([expect.stringContaining('its folder is gone (ENOENT)')]);
    await rename(`${folder}-away`, folder);
    clock.advance(1_000);
    await add(ledger, 'c');
    await ledger.close();
    expect(problems.at(-1)).toBeNull();
    expect((await readLedger(path)).entries.map(({ nonce }) => nonce)).toEqual(['a', 'c']);
  });

  /** With as many bytes, so that the time alone tells: systems count it in steps of some milliseconds. */
  async function overwrite(): Promise<void> {
    const { size, mtimeMs } = await stat(path);
    await eventually(async () => {
      await writeFile(path, 'y'.repeat(size));
      return (await stat(path)).mtimeMs !== mtimeMs;
    });
  }

  const DAMAGES: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['removed', () => rm(path)],
    ['replaced', () => writeFile(`${path}.new`, 'x').then(() => rename(`${path}.new`, path))],
    ['emptied', () => truncate(path)],
    ['written to', () => appendFile(path, 'x')],
    ['overwritten', overwrite],
  ];

  test.each(DAMAGES)('a file that was %s is written anew, whole, at the next look', async (_, damage) => {
    const clock = new FakeClock();
    const ledger = open(clock);
    await ledger.open();
    await add(ledger, 'a');
    await damage();
    clock.advance(2_000);
    await eventually(async () => (await readLedger(path)).entries.length === 1);
    await damage();
    await add(ledger, 'b');
    expect(await readLedger(path)).toEqual({ entries: [entry('a'), entry('b')], damage: null });
    await ledger.close();
    expect(problems).toEqual([]);
  });

  test.each([
    ['cut', (file: string) => truncateSync(file)],
    ['added to', (file: string) => appendFileSync(file, 'x')],
  ])('one that is %s as soon as it has its name is not taken for what was written', async (_, damage) => {
    const file = new LedgerFile(path);
    const written = file.replace(Buffer.from('{}\n'));
    while (!existsSync(path)) await new Promise((resolve) => setImmediate(resolve));
    damage(path);
    await written;
    expect(file.isAsLeft).toBe(false);
    await file.replace(Buffer.from('{}\n'));
    expect(file.isAsLeft).toBe(true);
    await file.append(Buffer.from('{}\n'), true);
    expect([file.isAsLeft, file.size]).toEqual([true, 6]);
    await file.close();
  });

  test('one that is damaged costs what it said, and is kept aside', async () => {
    await writeFile(
      path,
      `${recordsOf(entry('a'))
        .map((record) => JSON.stringify(record))
        .join('\n')}\n{\n[]\n`,
    );
    expect(await readLedger(path)).toEqual({
      entries: [entry('a')],
      damage: '2 of its lines cannot be read',
    });
    await setAside(path);
    await mkdir(path);
    expect((await readLedger(path)).damage).toContain('EISDIR');
    await setAside(path);
    expect((await stat(`${path}.damaged`)).isDirectory()).toBe(true);
    await writeFile(path, '');
    await truncate(path, 100 * 1024 * 1024 * 1024);
    expect((await readLedger(path)).damage).toContain('larger than any ledger');
  });

  test('after a write that failed half way the file is whole again', async () => {
    const ledger = open();
    await ledger.open();
    await add(ledger, 'a');
    await ledger.close();
    await appendFile(path, '{"kind":"inte');
    const again = open();
    await again.open();
    await add(again, 'b');
    await again.close();
    const text = await readFile(path, 'utf8');
    expect(
      text
        .split('\n')
        .filter(Boolean)
        .every((line) => JSON.parse(line) !== null),
    ).toBe(true);
    expect((await readLedger(path)).entries.length).toBe(2);
  });

  test('a crash in the middle of writing it anew leaves the one before', async () => {
    const ledger = open();
    await ledger.open();
    await add(ledger, 'a');
    await ledger.close();
    await writeFile(`${path}.tmp`, '{"kind":"inte');
    expect(await readLedger(path)).toEqual({ entries: [entry('a')], damage: null });
    const again = open();
    table.set('a', entry('a'));
    await again.open();
    await again.close();
    expect(await readdir(folder)).toEqual(['ledger.ndjson']);
  });
});
