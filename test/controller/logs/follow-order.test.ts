import { appendFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { followLogs } from '../../../src/controller/logs/follow/follow-logs.ts';
import { FollowedFile } from '../../../src/controller/logs/follow/followed-file.ts';
import type { Changed, FileWatch } from '../../../src/controller/logs/follow/folder-watch.ts';
import { LogPart } from '../../../src/controller/logs/parts/log-part.ts';
import { timesName } from '../../../src/lib/log-times/times-file.ts';
import { TimesFile } from '../../../src/runner/logs/times/times-file.ts';
import { temporaryFolder } from '../../api/serving.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let clock: FakeClock;
let folder: string;
beforeEach(() => {
  clock = new FakeClock(1_000_000);
  folder = temporaryFolder();
  mkdirSync(join(folder, 'times'));
});

/** A log whose index is written when a test says so. */
class Log {
  readonly path: string;
  readonly file;
  #told = 0;

  constructor(name: string) {
    this.path = join(folder, name);
    writeFileSync(this.path, '');
    const claims = [{ app: 'shop/api', slot: 0, stream: 'out' }] as const;
    this.file = { path: this.path, claims, others: [], keep: null };
  }

  write(line: string): void {
    appendFileSync(this.path, `${line}\n`);
  }

  /** The index tells when what it has not told of yet came. */
  async tell(at: number): Promise<void> {
    const stats = statSync(this.path, { bigint: true });
    const size = Number(stats.size);
    const index = await TimesFile.open(join(folder, 'times', timesName(stats)), this.path, size);
    await index.append({
      ...{ from: this.#told, covered: size },
      stamps: [{ offset: this.#told, at, source: null }],
    });
    await index.close();
    this.#told = size;
  }

  async follow(): Promise<FollowedFile> {
    const context = { times: join(folder, 'times'), scratch: folder };
    const part = await LogPart.open(this.path, context);
    if (part === null) throw new Error('no file');
    return new FollowedFile(this.file, { part, offset: 0 }, { clock, context, filter: null });
  }
}

interface Round {
  /** What is told before the files are looked at. */
  readonly changed: readonly Log[];
  /** Happens after they were looked at. */
  readonly meanwhile?: () => void;
}

/** Follows for so many rounds; gives what each of them brought. */
async function rounds(logs: readonly Log[], steps: AsyncIterable<Round>): Promise<readonly string[][]> {
  const files = await Promise.all(logs.map((log) => log.follow()));
  const end = new AbortController();
  let pending = new Set<string>();
  const given: string[][] = [];
  let round: Round = { changed: [] };
  const iterator = steps[Symbol.asyncIterator]();
  const watch: FileWatch = {
    watch: () => undefined,
    isWatched: () => true,
    isChanged: (path) => pending.has(path),
    settled: () => {
      const before = new Map(logs.map((log) => [log, statSync(log.path).size]));
      round.meanwhile?.();
      for (const log of logs) if (statSync(log.path).size !== before.get(log)) pending.add(log.path);
      return Promise.resolve(clock.now());
    },
    wake: () => undefined,
    async next(): Promise<Changed> {
      const step = await iterator.next();
      if (step.done === true) {
        end.abort();
        return 'all';
      }
      round = step.value;
      given.push([]);
      const changed = new Set([...pending, ...round.changed.map((log) => log.path)]);
      pending = new Set();
      return changed;
    },
    close: () => undefined,
  };
  const options = { clock, watch, signal: end.signal, pollMs: 500, files: () => Promise.resolve(files) };
  for await (const batch of followLogs(options)) {
    given
      .at(-1)
      ?.push(...batch.map(({ item }) => (item.kind === 'line' ? item.bytes.toString() : item.kind)));
  }
  for (const file of files) await file.close();
  return given;
}

test('a line that is written while the files are looked at is given before a later one of another file', async () => {
  const [one, other] = [new Log('one'), new Log('other')];
  async function* steps(): AsyncGenerator<Round> {
    yield { changed: [] };
    clock.advance(1_000);
    const at = clock.now();
    one.write('second');
    await one.tell(at + 10);
    // That took long, and its file was looked at first.
    yield {
      changed: [one],
      meanwhile: () => {
        clock.advance(400);
        other.write('first');
      },
    };
    await other.tell(at + 5);
    clock.advance(40);
    yield { changed: [] };
    yield { changed: [] };
  }
  expect((await rounds([one, other], steps())).flat()).toEqual(['first', 'second']);
});

test('a line that has waited for the disk is given before a later one of another file', async () => {
  const [one, other] = [new Log('one'), new Log('other')];
  async function* steps(): AsyncGenerator<Round> {
    yield { changed: [] };
    clock.advance(1_000);
    const at = clock.now();
    one.write('second');
    await one.tell(at - 100);
    yield { changed: [one] };
    other.write('first');
    await other.tell(at - 200);
    yield { changed: [other] };
    clock.advance(200);
    yield { changed: [] };
  }
  expect((await rounds([one, other], steps())).flat()).toEqual(['first', 'second']);
});

test('a line that the index is slow to tell of is waited for, up to a second', async () => {
  const [one, other] = [new Log('one'), new Log('other')];
  const at = clock.now();
  async function* steps(): AsyncGenerator<Round> {
    yield { changed: [] };
    one.write('first');
    other.write('second');
    await other.tell(at + 1);
    yield { changed: [one, other] };
    clock.advance(700);
    yield { changed: [] };
    await one.tell(at);
    clock.advance(40);
    yield { changed: [] };
    yield { changed: [] };
  }
  expect(await rounds([one, other], steps())).toEqual([[], [], [], ['first'], ['second']]);
});

test('nobody waits again and again for an index that tells nothing more', async () => {
  const [one, other] = [new Log('one'), new Log('other')];
  async function* steps(): AsyncGenerator<Round> {
    one.write('known');
    await one.tell(clock.now());
    clock.advance(300);
    yield { changed: [one] };
    one.write('unknown');
    yield { changed: [one] };
    clock.advance(1_000);
    yield { changed: [] };
    clock.advance(300);
    yield { changed: [] };
    one.write('unknown too');
    yield { changed: [one] };
    clock.advance(300);
    yield { changed: [] };
  }
  expect(await rounds([one, other], steps())).toEqual([['known'], [], ['unknown'], [], [], ['unknown too']]);
});

test('what was written before it is followed, and not read yet, counts as earlier', async () => {
  const [one, other] = [new Log('one'), new Log('other')];
  one.write('later');
  await one.tell(clock.now() - 1_000);
  // Its index is behind: it was written long before anybody follows it.
  other.write('earlier');
  async function* steps(): AsyncGenerator<Round> {
    yield { changed: [one, other] };
    clock.advance(250);
    await other.tell(clock.now() - 2_000);
    yield { changed: [] };
    clock.advance(300);
    yield { changed: [] };
  }
  expect((await rounds([one, other], steps())).flat()).toEqual(['earlier', 'later']);
});

test('lines of one file keep their order, whatever the clock did', async () => {
  const [one, other] = [new Log('one'), new Log('other')];
  async function* steps(): AsyncGenerator<Round> {
    yield { changed: [] };
    clock.advance(1_000);
    one.write('1');
    await one.tell(clock.now());
    one.write('2');
    await one.tell(clock.now() - 60_000);
    other.write('3');
    await other.tell(clock.now() + 10);
    yield { changed: [one, other] };
    clock.advance(500);
    yield { changed: [] };
    clock.advance(500);
    yield { changed: [] };
  }
  expect((await rounds([one, other], steps())).flat()).toEqual(['1', '2', '3']);
});
