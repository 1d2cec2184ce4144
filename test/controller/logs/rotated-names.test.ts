import { mkdirSync, writeFileSync } from 'node:fs';
import type * as Promises from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fixedBook } from '../../../src/controller/logs/books.ts';
import { RotatedNames } from '../../../src/controller/logs/parts/rotated-names.ts';
import { readLogs } from '../../../src/controller/logs/read-logs.ts';
import { temporaryFolder } from '../../api/serving.ts';

const calls = vi.hoisted(() => ({ readdir: 0, open: 0 }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Promises>();
  const counted = <T extends object>(name: keyof typeof calls, own: T): T =>
    new Proxy(own, {
      apply: (target, self, given: unknown[]) => {
        calls[name] += 1;
        return Reflect.apply(target as unknown as () => unknown, self, given) as unknown;
      },
    });
  return { ...real, readdir: counted('readdir', real.readdir), open: counted('open', real.open) };
});

beforeEach(() => Object.assign(calls, { readdir: 0, open: 0 }));

describe('which logs have rotated parts', () => {
  it('is known by what their files are called', async () => {
    const folder = temporaryFolder();
    const names = [
      'a.log.1',
      'b.log.12.gz',
      'c.log-20260131',
      'd.log-20260131.gz',
      'e-20260131.1',
      'f.log.x',
    ];
    for (const name of names) writeFileSync(join(folder, name), '');
    const rotated = new RotatedNames();
    const found: string[] = [];
    for (const name of ['a.log', 'b.log', 'c.log', 'd.log', 'e-20260131', 'e', 'f.log', 'a', 'a.log.1']) {
      if (await rotated.has(join(folder, name))) found.push(name);
    }
    expect(found).toEqual(['a.log', 'b.log', 'c.log', 'd.log', 'e-20260131']);
    expect(await rotated.has('/nowhere/a.log')).toBe(false);
  });

  it.each([null, 20])(
    'takes two looks at a folder, however many logs lie in it (lines: %s)',
    async (lines) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, 'logs'));
      const files = Array.from({ length: 40 }, (_, index) => {
        const path = join(folder, 'logs', `app-${index}.log`);
        // Every other one is empty.
        writeFileSync(path, index % 2 === 0 ? '' : `line of ${index}\n`);
        const claims = [{ app: `shop/app-${index}`, slot: 0, stream: 'out' }] as const;
        return { path, claims, others: [], keep: null };
      });
      const signal = new AbortController().signal;
      const context = { times: join(folder, 'times'), scratch: folder };
      const options = { lines, since: null, until: null, filter: null, follow: false, signal, context };
      const found: unknown[] = [];
      for await (const items of readLogs(fixedBook(files), options)) found.push(...items);
      expect(found).toHaveLength(20);
      expect(calls).toEqual({ readdir: 2, open: 20 });
    },
  );
});
