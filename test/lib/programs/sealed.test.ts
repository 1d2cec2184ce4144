import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seal, unseal } from '../../../src/lib/programs/sealed.ts';

const SECTOR = 512;

describe('what is sealed', () => {
  it('is given back as it was, whatever its length', () => {
    for (const length of [0, 1, 3, 4, 127, 128, 129, 10_000]) {
      const data = randomBytes(length);
      expect(unseal(seal(data))).toEqual(data);
    }
  });

  it('is not given back with a sector that the disk has lost, wherever it was', () => {
    const data = randomBytes(64 * SECTOR);
    const sealed = seal(data);
    for (let at = 0; at < sealed.length; at += SECTOR) {
      const damaged = Buffer.from(sealed);
      damaged.fill(0, at, Math.min(at + SECTOR, damaged.length));
      expect(unseal(damaged)).toBeUndefined();
    }
  });

  it('is not given back with sectors that took the place of each other', () => {
    const sealed = seal(randomBytes(64 * SECTOR));
    const swapped = Buffer.from(sealed);
    sealed.copy(swapped, 8 * SECTOR, 9 * SECTOR, 10 * SECTOR);
    sealed.copy(swapped, 9 * SECTOR, 8 * SECTOR, 9 * SECTOR);
    expect(unseal(swapped)).toBeUndefined();
  });

  it('is not given back cut off, or where it is none', () => {
    const sealed = seal(randomBytes(10_000));
    expect(unseal(sealed.subarray(0, -1))).toBeUndefined();
    expect(unseal(sealed.subarray(0, 8))).toBeUndefined();
    expect(unseal(randomBytes(10_000))).toBeUndefined();
  });
});
