import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatSpan, parseBytes, parseDuration } from '../../src/lib/units.ts';

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['1m30s', 90_000],
    ['1d2h3m4.5s6ms', 93_784_506],
    ['250ms', 250],
    ['1600', 1600],
    [1600, 1600],
    ['0', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '1 minute', '30s1m', '-1s', '1.5m', 's', 'abc', '1e3', Number.NaN, -1])(
    '%s is not a duration',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('sizes', () => {
  it.each([
    ['300M', 314_572_800],
    ['512MB', 536_870_912],
    ['512MiB', 536_870_912],
    ['512m', 536_870_912],
    ['1.5G', 1_610_612_736],
    ['64 K', 65_536],
    ['100B', 100],
    ['1024', 1024],
    [1024, 1024],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['', '512Q', '-1M', 'M', '1.5.5G', '12 apples'])('%s is not a size', (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (bytes) => {
        expect(parseBytes(formatBytes(bytes))).toBe(bytes);
      }),
    );
  });
});

describe('spans for people', () => {
  it.each([
    [12_756, '13s'],
    [61_400, '1m1s'],
    [250.4, '0.3s'],
    [999, '1s'],
    [9_940, '9.9s'],
    [9_960, '10s'],
    [3, '0.1s'],
    [0, '0s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatSpan(ms)).toBe(text);
  });
});
