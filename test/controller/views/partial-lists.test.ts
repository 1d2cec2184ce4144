import { describe, expect, it } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import { partialLists } from '../../../src/controller/views/partial-lists.ts';
import { app, appList } from '../../cli/support/fixtures.ts';

async function* each(...lists: readonly AppList[]): AsyncGenerator<AppList> {
  yield* lists;
  await Promise.resolve();
}

async function partsOf(...lists: readonly AppList[]): Promise<readonly AppList[]> {
  const parts: AppList[] = [];
  for await (const part of partialLists(each(...lists))) parts.push(part);
  return parts;
}

describe('a partial watch', () => {
  it('gives everything first, then what has changed and what is gone', async () => {
    const [api, web] = [app('api'), app('web')];
    const broken = app('web', { health: 'CrashLoop' });
    expect(await partsOf(appList(api, web), appList(api, broken), appList(broken))).toEqual([
      appList(api, web),
      { ...appList(broken), partial: true, gone: [] },
      { ...appList(), partial: true, gone: ['shop/api'] },
    ]);
  });

  it('says nothing of a list that tells nothing new', async () => {
    expect(await partsOf(appList(app('api')), appList(app('api')))).toHaveLength(1);
  });

  it('gives an app that has come back', async () => {
    const parts = await partsOf(appList(app('api')), appList(), appList(app('api')));
    expect(parts.map(({ items, gone }) => [items.length, gone])).toEqual([
      [1, undefined],
      [0, ['shop/api']],
      [1, []],
    ]);
  });
});
