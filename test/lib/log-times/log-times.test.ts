import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogTimes } from '../../../src/lib/log-times/log-times.ts';
import { sourceText, type LogSource, type LogStamp } from '../../../src/lib/log-times/log-stamp.ts';
import { BLOCK_BYTES, decodeBlock } from '../../../src/lib/log-times/times-block.ts';
import { TimesEncoder } from '../../../src/lib/log-times/times-encoder.ts';
import { decodeHead, encodeHead, timesName } from '../../../src/lib/log-times/times-file.ts';

const FREE_BYTES = 4_096;

let folder = '';
let log = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stw-times-'));
  log = join(folder, 'web.log');
  await writeFile(log, '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sources: readonly (LogSource | null)[] = [
  null,
  { project: 'shop', app: 'web', slot: 0, stream: 'out' },
  { project: 'shop', app: 'web', slot: 0, stream: 'err' },
  { project: 'shop', app: 'wörker', slot: 11, stream: 'out' },
];

interface Step {
  readonly bytes: number;
  readonly ms: number;
  readonly source: LogSource | null;
  readonly isKnown: boolean;
}

const steps = fc.array<Step>(
  fc.record({
    bytes: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 ** 40 })),
    ms: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: -100_000, max: 2 ** 35 })),
    source: fc.constantFrom(...sources),
    isKnown: fc.boolean(),
  }),
  { maxLength: 1_000, size: 'max' },
);

function stampsOf(list: readonly Step[]): LogStamp[] {
  let offset = 0;
  let at = 1_800_000_000_000;
  return list.map(({ bytes, ms, source, isKnown }) => {
    offset += bytes;
    at += ms;
    return isKnown ? { offset, at, source } : { offset, at: null, source: null };
  });
}

/** As they are to be read: a clock that is set back a little stands still until it is there again. */
function steady(stamps: readonly LogStamp[]): LogStamp[] {
  let last = 0;
  return stamps.map((stamp) => {
    if (stamp.at === null) return stamp;
    last = stamp.at < last && stamp.at > last - 2_000 ? last : stamp.at;
    return { ...stamp, at: last };
  });
}

function covering(stamps: readonly LogStamp[], offset: number): Omit<LogStamp, 'offset'> {
  const { at, source } = stamps.findLast((stamp) => stamp.offset <= offset) ?? { at: null, source: null };
  return { at, source };
}

async function index(stamps: readonly LogStamp[], covered: number): Promise<LogTimes> {
  const encoder = new TimesEncoder();
  for (const stamp of stamps) encoder.add(stamp);
  const identity = await stat(log, { bigint: true });
  await writeFile(
    join(folder, timesName(identity)),
    Buffer.concat([encodeHead(log, covered), encoder.take()]),
  );
  return LogTimes.open(folder, identity);
}

/** Stamps of a log with long lines: nothing is left out. */
function spread(count: number, step = 100): LogStamp[] {
  return Array.from({ length: count }, (_, line) => ({
    offset: line * step,
    at: 1_800_000_000_000 + line * 7,
    source: sources[1 + (line % 3)] ?? null,
  }));
}

test('what is written is what is read, whatever the clock does', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (list, somewhere) => {
      // Long lines: the index has room for every stamp.
      const stamps = stampsOf(list.map((step) => ({ ...step, bytes: step.bytes + 200 })));
      const end = (stamps.at(-1)?.offset ?? 0) + 1;
      const times = await index(stamps, end);
      const read = await times.stampsIn(0, Infinity);
      const asWritten = steady(stamps).map(({ offset, at, source }) => ({ offset, at, source }));
      expect(asWritten.map(({ offset }) => ({ offset, ...covering(read, offset) }))).toEqual(asWritten);
      // Any part of it is the same by itself.
      const from = somewhere % end;
      const part = await times.stampsIn(from, from + 5_000);
      expect(covering(part, from)).toEqual(covering(read, from));
      const within = (stamp: LogStamp): boolean => stamp.offset > from && stamp.offset < from + 5_000;
      expect(part.filter(within)).toEqual(read.filter(within));
      await times.close();
    }),
    { numRuns: 40 },
  );
});

test('an index that goes on after another process is as one that was written in one go', () => {
  fc.assert(
    fc.property(steps, fc.nat(), (list, cut) => {
      const stamps = stampsOf(list);
      const one = new TimesEncoder();
      for (const stamp of stamps) one.add(stamp);
      const before = new TimesEncoder();
      const at = stamps.length === 0 ? 0 : cut % stamps.length;
      for (const stamp of stamps.slice(0, at)) before.add(stamp);
      const begun = before.take();
      const blocks = Math.max(0, Math.ceil(begun.length / BLOCK_BYTES) - 1);
      const block = decodeBlock(begun.subarray(blocks * BLOCK_BYTES));
      const after = block === null ? new TimesEncoder() : TimesEncoder.resume(block, blocks);
      for (const stamp of stamps.slice(at)) after.add(stamp);
      expect(after.size).toBe(one.size);
      expect(Buffer.concat([begun, after.take()])).toEqual(one.take());
    }),
    { numRuns: 50 },
  );
});

test('a piece that is cut off costs the last entry and nothing else', () => {
  const encoder = new TimesEncoder();
  const stamps = spread(200);
  const ends = stamps.map((stamp) => {
    encoder.add(stamp);
    return encoder.size;
  });
  const bytes = encoder.take();
  for (let length = 0; length <= bytes.length; length++) {
    const whole = ends.filter((end) => end <= length).length;
    expect(decodeBlock(bytes.subarray(0, length))?.stamps ?? []).toEqual(stamps.slice(0, whole));
  }
});

test('bytes that are no index are read as none', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 10_000 }), fc.boolean(), async (noise, withHead) => {
      const identity = await stat(log, { bigint: true });
      const head = withHead ? encodeHead(log, 100) : Buffer.alloc(0);
      await writeFile(join(folder, timesName(identity)), Buffer.concat([head, noise]));
      const times = await LogTimes.open(folder, identity);
      const stamps = await times.stampsIn(0, Infinity);
      expect(stamps.every(({ offset }) => Number.isSafeInteger(offset) && offset >= 0)).toBe(true);
      await times.offsetAt(5);
      await times.nextKnown(5);
      await times.close();
    }),
    { numRuns: 100 },
  );
});

test('lines of two bytes in every millisecond make an index of a quarter of the log', () => {
  const encoder = new TimesEncoder();
  let excess = 0;
  for (let line = 0; line < 200_000; line++) {
    encoder.add({ offset: line * 2, at: 1_800_000_000_000 + line, source: sources[1] ?? null });
    excess = Math.max(excess, encoder.size - FREE_BYTES - line / 2);
  }
  expect(excess).toBeLessThan(128);
  const bytes = encoder.take();
  const stamps: LogStamp[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    stamps.push(...(decodeBlock(bytes.subarray(at, at + BLOCK_BYTES))?.stamps ?? []));
  }
  // Still exact to a fraction of a second, all the way.
  const isExact = stamps.every(({ at }, number) => (stamps[number + 1]?.at ?? at ?? 0) - (at ?? 0) < 200);
  expect(isExact).toBe(true);
});

test('sources that change with every two bytes make an index of half of the log, and never a wrong source', () => {
  const encoder = new TimesEncoder();
  let excess = 0;
  const sourceOf = (line: number): LogSource | null => sources[1 + (line % 3)] ?? null;
  for (let line = 0; line < 100_000; line++) {
    encoder.add({ offset: line * 2, at: 1_800_000_000_000 + line, source: sourceOf(line) });
    excess = Math.max(excess, encoder.size - FREE_BYTES - line);
  }
  expect(excess).toBeLessThan(256);
  const bytes = encoder.take();
  const all: LogStamp[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    all.push(...(decodeBlock(bytes.subarray(at, at + BLOCK_BYTES))?.stamps ?? []));
  }
  const known = all.flatMap((stamp, number) =>
    stamp.source === null ? [] : [{ stamp, next: all[number + 1] }],
  );
  expect(known.length).toBeGreaterThan(1_000);
  const wrong = known.filter(({ stamp, next }) => {
    const isOwn = sourceText(stamp.source) === sourceText(sourceOf(stamp.offset / 2));
    return !isOwn || (next?.offset ?? 200_000) !== stamp.offset + 2;
  });
  expect(wrong).toEqual([]);
});

test('the place of a moment is found', async () => {
  const stamps = spread(5_000);
  const times = await index(stamps, 500_000);
  for (const line of [0, 1, 777, 2_500, 4_999]) {
    const [at, offset] = [1_800_000_000_000 + line * 7, line * 100];
    expect(await times.offsetAt(at)).toBe(offset);
    expect(await times.offsetAt(at - 6)).toBe(offset);
    expect(await times.nextKnown(offset)).toBe(at);
  }
  expect(await times.offsetAt(0)).toBe(0);
  expect(await times.offsetAt(1_800_000_000_000 + 5_000 * 7)).toBeNull();
  await times.close();
});

test('an unknown part counts as what comes next', async () => {
  const [, source = null] = sources;
  const times = await index(
    [
      { offset: 0, at: 1_000, source },
      { offset: 10, at: null, source: null },
      { offset: 30, at: 9_000, source },
    ],
    40,
  );
  expect(await times.stampsIn(12, 20)).toEqual([{ offset: 10, at: null, source: null }]);
  expect(await times.nextKnown(12)).toBe(9_000);
  expect(await times.offsetAt(1_001)).toBe(30);
  await times.close();
});

test('an index that is begun anew is seen by those who read the one before', async () => {
  const times = await index(spread(10), 1_000);
  expect(times.covered).toBe(1_000);
  await rm(join(folder, timesName(await stat(log, { bigint: true }))));
  await times.refresh();
  expect(times.covered).toBe(0);
  expect(await times.stampsIn(0, Infinity)).toEqual([]);
  const next = await index(spread(3), 300);
  await times.refresh();
  expect(times.covered).toBe(300);
  expect(await times.stampsIn(0, Infinity)).toHaveLength(3);
  await Promise.all([times.close(), next.close()]);
});

test('a head says whose index it is, and half of one is none', () => {
  const head = encodeHead('/var/log/wörk.log', 7);
  expect(decodeHead(Buffer.concat([head, Buffer.from('more')]))).toEqual({
    length: head.length,
    covered: 7,
    path: '/var/log/wörk.log',
  });
  for (let length = 0; length < head.length; length++)
    expect(decodeHead(head.subarray(0, length))).toBeNull();
});

test('files have names of their own, also where the number of a file is used again', () => {
  const file = { ino: 12n, dev: 1n, birthtimeNs: 5n };
  expect(timesName(file)).toBe('c-5');
  expect(timesName({ ...file, dev: 2n })).toBe('c-5');
  expect(timesName({ ...file, birthtimeNs: 6n })).not.toBe(timesName(file));
  // A file system without the moment of creation.
  expect(timesName({ ...file, birthtimeNs: 0n })).toBe('c-d1');
});
