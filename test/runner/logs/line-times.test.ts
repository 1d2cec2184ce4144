import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogSource } from '../../../src/lib/log-times/log-stamp.ts';
import { LineTimes } from '../../../src/runner/logs/times/line-times.ts';

const sources: readonly LogSource[] = [0, 1].map((slot) => ({ project: 'p', app: 'a', slot, stream: 'out' }));

interface Push {
  readonly length: number;
  readonly at: number;
  readonly source: LogSource;
}

const pushes = fc.array(
  fc.record<Push>({
    length: fc.integer({ min: 1, max: 9 }),
    at: fc.integer({ min: 0, max: 5 }),
    source: fc.constantFrom(...sources),
  }),
  { minLength: 1, maxLength: 60 },
);

/** When and from where each byte is; null: of nobody. */
type Bytes = readonly (readonly [number, LogSource | null])[];

function bytesOf(list: readonly Push[]): Bytes {
  return list.flatMap(({ length, at, source }) => Array.from({ length }, () => [at, source] as const));
}

test('every byte that is written has the time and the source that it came with, however it is cut, and whatever was dropped', () => {
  fc.assert(
    fc.property(
      pushes,
      fc.nat(20),
      fc.nat(5),
      fc.array(fc.integer({ min: 1, max: 30 })),
      (list, dropped, lead, cuts) => {
        const times = new LineTimes();
        for (const { length, at, source } of list) times.push(length, at, source);
        const from = Math.min(dropped, times.end);
        const expected: Bytes = [
          ...Array.from({ length: lead }, () => [99, null] as const),
          ...bytesOf(list).slice(from),
        ];
        const timesOf = times.ofBatch(from, lead, 99);
        const told: (readonly [number | null, LogSource | null])[] = [];
        for (const cut of [...cuts, Infinity]) {
          const length = Math.min(cut, expected.length - told.length);
          if (length <= 0) break;
          const stamps = timesOf(length);
          for (let offset = 0; offset < length; offset++) {
            const stamp = stamps.findLast((one) => one.offset <= offset);
            told.push([stamp?.at ?? null, stamp?.source ?? null]);
          }
        }
        expect(told).toEqual(expected);
      },
    ),
  );
});

test('what waits for a disk that takes nothing is bounded, and no line is said to be of another app', () => {
  const times = new LineTimes();
  const count = 50_000;
  for (let line = 0; line < count; line++) times.push(2, line, sources[line % 2] ?? null);
  const stamps = times.take(0, count * 2);
  expect(stamps.length).toBeLessThan(10_000);
  const wrong = stamps.filter(({ offset, source }, number) => {
    const end = stamps[number + 1]?.offset ?? count * 2;
    return source !== null && (source !== sources[(offset / 2) % 2] || end !== offset + 2);
  });
  expect(wrong).toEqual([]);
});
