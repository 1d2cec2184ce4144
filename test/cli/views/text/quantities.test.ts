import { describe, expect, it } from 'vitest';
import { formatAge, formatCpu, formatMemory } from '../../../../src/cli/views/text/quantities.ts';

describe('quantities for people', () => {
  it.each([
    [-5, '0s'],
    [45_999, '45s'],
    [119_000, '119s'],
    [200_000, '3m20s'],
    [600_000, '10m'],
    [3 * 3_600_000, '3h'],
    [5 * 3_600_000 + 12 * 60_000, '5h12m'],
    [30 * 3_600_000, '30h'],
    [3 * 86_400_000, '3d'],
  ])('an age of %d ms is %s', (ms, text) => expect(formatAge(ms)).toBe(text));

  it.each([
    [0, '0B'],
    [1536, '1.5K'],
    [47_185_920, '45M'],
    [1_610_612_736, '1.5G'],
  ])('%d bytes are %s', (bytes, text) => expect(formatMemory(bytes)).toBe(text));

  it.each([
    [0, '0%'],
    [0.34, '0.3%'],
    [12.4, '12%'],
    [240, '240%'],
  ])('%d percent are %s', (percent, text) => expect(formatCpu(percent)).toBe(text));
});
