import { expect, test } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import { watchLists } from '../../../src/controller/views/app-queries.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const LIST: AppList = { apiVersion: 'v1', kind: 'AppList', items: [] };

test('a watch that is ended while it gathers changes ends at once', async () => {
  const clock = new FakeClock();
  const end = new AbortController();
  const lists = watchLists({
    list: () => LIST,
    subscribe: () => () => undefined,
    clock,
    signal: end.signal,
  });
  await lists.next();
  const next = lists.next();
  end.abort();
  clock.advance(1_000);
  expect(await next).toEqual({ done: true, value: undefined });
});
