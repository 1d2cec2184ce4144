import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faults } from './faults.ts';
import { rows } from './rows/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SMOKE = 15;

/** `npm test` runs this; that every failpoint has a way to it is held by the types, and each fires or its row fails. */
describe('the chaos suite', () => {
  it('tries every fault of the list, and no other', () => {
    const tried = new Set(rows.flatMap((row) => row.faults));
    const without = faults.filter(({ number, tests = [] }) => !tried.has(number) && tests.length === 0);
    expect(without).toEqual([]);
    const known = new Set(faults.map(({ number }) => number));
    expect([...tried].filter((number) => !known.has(number))).toEqual([]);
  });

  it('names each fault and each row once', () => {
    for (const names of [faults.map(({ number }) => number), rows.map(({ name }) => name)]) {
      expect(new Set<unknown>(names).size).toBe(names.length);
    }
  });

  it('names no test file that is not there', () => {
    const files = faults.flatMap(({ tests = [] }) => tests);
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it(`has ${SMOKE} rows that npm test runs`, () => {
    expect(rows.filter(({ smoke }) => smoke === true)).toHaveLength(SMOKE);
  });

  it('has all its faults and rows in docs/reliability.md', () => {
    const text = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8');
    expect(rows.filter(({ name }) => !text.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
    expect(faults.filter(({ what }) => !text.includes(what)).map(({ number }) => number)).toEqual([]);
  });
});
