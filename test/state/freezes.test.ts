import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { frozenFailure, type Freeze } from '../../src/state/freezes/freeze.ts';
import { openFreezes, type FreezeBook } from '../../src/state/freezes/freeze-book.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from './folder.ts';

const shop: Freeze = {
  project: 'shop',
  by: 'ann',
  reason: 'launch',
  at: 0,
  until: 1_000,
  allow: ['restart'],
};
const all: Freeze = { ...shop, project: null, until: null, allow: [] };

describe('a freeze', () => {
  test.each<[string, Parameters<typeof frozenFailure>, RegExp | null]>([
    [
      'refuses its project',
      [{ verb: 'apply', projects: ['shop'] }, [shop], 0],
      /cannot apply: shop is frozen until/,
    ],
    ['lets another project be', [{ verb: 'apply', projects: ['blog'] }, [shop], 0], null],
    [
      'refuses an apply of several, one of them frozen',
      [{ verb: 'apply', projects: ['blog', 'shop'] }, [shop], 0],
      /shop/,
    ],
    ['lets pass what it allows', [{ verb: 'restart', projects: ['shop'] }, [shop], 0], null],
    ['ends at its time', [{ verb: 'apply', projects: ['shop'] }, [shop], 1_000], null],
    [
      'of everything refuses what comes new',
      [{ verb: 'start', projects: ['new'] }, [all], 9e9],
      /everything is frozen by ann/,
    ],
    [
      'of everything allows nothing that another allows',
      [{ verb: 'restart', projects: ['shop'] }, [shop, all], 0],
      /everything/,
    ],
  ])('%s', (_, [asked, freezes, now], expected) => {
    const failure = frozenFailure(asked, freezes, now);
    if (expected === null) expect(failure).toBeNull();
    else expect(failure?.message).toMatch(expected);
  });

  test('names the way out, and what may be done meanwhile', () => {
    expect(frozenFailure({ verb: 'stop', projects: ['shop'] }, [shop], 0)).toMatchObject({
      code: 'FROZEN',
      hint: 'stateward unfreeze shop lifts it; allowed meanwhile: restart',
    });
  });
});

describe('the freezes of a home', () => {
  async function opened(path: string, clock: FakeClock): Promise<FreezeBook> {
    const { freezes } = await openFreezes({ path, clock, readOnly: false, onError: () => undefined });
    return freezes;
  }

  test('are there after a restart, one a project, and gone when lifted', async () => {
    const path = join(temporaryFolder(), 'freezes.json');
    const clock = new FakeClock(0);
    const book = await opened(path, clock);
    await book.add([shop, all]);
    await book.add([{ ...shop, reason: 'later' }]);
    const again = await opened(path, clock);
    expect(again.list()).toEqual([all, { ...shop, reason: 'later' }]);
    expect(await again.lift(new Set([null]))).toEqual({ ok: true, value: [all] });
    expect((await opened(path, clock)).list()).toHaveLength(1);
  });

  test('end by themselves, and say so to whoever follows', async () => {
    const path = join(temporaryFolder(), 'freezes.json');
    const clock = new FakeClock(0);
    const book = await opened(path, clock);
    const seen: number[] = [];
    book.onChange(() => seen.push(book.list().length));
    await book.add([shop]);
    clock.advance(999);
    expect(book.refusal('apply', ['shop'])).not.toBeNull();
    clock.advance(1);
    expect(book.refusal('apply', ['shop'])).toBeNull();
    expect(seen).toEqual([1, 0]);
    expect(clock.nextDelayMs()).toBeUndefined();
  });

  test('that cannot be read are none, and that is said', async () => {
    const path = join(temporaryFolder(), 'freezes.json');
    writeFileSync(path, 'nonsense');
    const { freezes, notice } = await openFreezes({
      ...{ path, clock: new FakeClock(0), readOnly: false },
      onError: () => undefined,
    });
    expect(freezes.list()).toEqual([]);
    expect(notice).toMatch(/freezes\.json.*nothing is frozen/);
  });
});
