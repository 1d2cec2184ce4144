import { appendFile, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import {
  recordsOf,
  replayLedger,
  type LedgerEntry,
  type LedgerRecord,
} from '../../../src/runner/ledger/ledger-record.ts';
import { Ledger, readLedger } from '../../../src/runner/ledger/ledger.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { labels, noLogs } from '../../support/runner/labels.ts';

let folder: string;
let path: string;
let table: Map<string, LedgerEntry>;
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
  path = join(folder, 'ledger.ndjson');
  table = new Map();
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
  };
}

function open(clock = systemClock, log: (message: string) => void = () => undefined): Ledger {
  return new Ledger({ path, clock, log, snapshot: () => [...table.values()] });
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
    expect(await readLedger(path)).toEqual({ entries: [entry('b')], skipped: 0 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('a missing one is empty', async () => {
    expect(await readLedger(path)).toEqual({ entries: [], skipped: 0 });
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

  test('a start that cannot be written down is refused, and all is well again afterwards', async () => {
    const clock = new FakeClock();
    const complaints: string[] = [];
    const ledger = open(clock, (message) => complaints.push(message));
    await ledger.open();
    await rename(folder, `${folder}-away`);
    // The open file still takes lines; a rewrite does not. Make it need one.
    for (let count = 0; count < 2_000; count++) {
      void ledger.append({ ...forget('x'), nonce: 'x'.repeat(1_000) }, false);
    }
    await ledger.append(forget('y'), false);
    table.set('a', entry('a'));
    await expect(ledger.append({ kind: 'forget', nonce: 'b' }, true)).rejects.toThrow('ENOENT');
    expect(complaints.length).toBe(1);
    await rename(`${folder}-away`, folder);
    clock.advance(1_000);
    await add(ledger, 'c');
    await ledger.close();
    expect((await readLedger(path)).entries.map(({ nonce }) => nonce)).toEqual(['a', 'c']);
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

  test('a full disk at the start keeps nobody from starting the runner, only from starting apps', async () => {
    await symlink('/dev/full', `${path}.tmp`);
    table.set('a', entry('a'));
    const ledger = open(new FakeClock());
    await ledger.open();
    await expect(ledger.append(forget('a'), true)).rejects.toThrow('ENOSPC');
    await ledger.close();
  });
});
