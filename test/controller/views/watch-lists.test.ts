import { describe, expect, it } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import type { AppSources } from '../../../src/controller/views/app-queries.ts';
import { watchApps, watchLists } from '../../../src/controller/views/watch-apps.ts';
import type { AppKey } from '../../../src/lib/app-key.ts';
import type { AppHistory } from '../../../src/state/model/types.ts';
import type { UsageSample } from '../../../src/triggers/usage/sample-usage.ts';
import { makeApp, makeInstance } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const LIST: AppList = { apiVersion: 'v1', kind: 'AppList', items: [] };

describe('a watch of apps', () => {
  it('that is ended while it gathers changes ends at once', async () => {
    const clock = new FakeClock();
    const end = new AbortController();
    const lists = watchLists({
      list: () => Promise.resolve(LIST),
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

  it('whose lists take long gathers changes for longer, and for a second at most', async () => {
    const clock = new FakeClock();
    let takes = 100;
    const lists = watchLists({
      list: () => {
        clock.advance(takes);
        return Promise.resolve(LIST);
      },
      subscribe: (listener) => {
        changed = listener;
        return () => undefined;
      },
      clock,
      signal: new AbortController().signal,
    });
    let changed: () => void = () => undefined;
    const gathered = async (): Promise<number | undefined> => {
      const next = lists.next();
      await new Promise((resolve) => setImmediate(resolve));
      const delay = clock.nextDelayMs();
      changed();
      clock.advance(delay ?? 0);
      await next;
      return delay;
    };
    await lists.next();
    expect(await gathered()).toBe(400);
    takes = 1;
    await gathered();
    expect(await gathered()).toBe(50);
    takes = 5_000;
    await gathered();
    expect(await gathered()).toBe(1_000);
  });

  it('views an app again only when something about it is new', async () => {
    const clock = new FakeClock();
    const apps = ['api', 'web'].map((name) => makeApp(name));
    const viewed: AppKey[] = [];
    let usage: ReadonlyMap<number, UsageSample> = new Map();
    const store = {
      desired: () => apps,
      desiredApp: (key: AppKey) => apps.find((app) => app.key === key),
      records: () => new Map(),
      project: () => undefined,
      idOf: () => 0,
      history: (key: AppKey): AppHistory => {
        viewed.push(key);
        return { key, slots: [] };
      },
    };
    const sources = {
      store,
      statusOf: () => undefined,
      published: () => [],
      instancesOf: (key: AppKey) =>
        apps
          .filter((app) => app.key === key)
          .map((app) => makeInstance(app, { pid: key === 'shop/api' ? 1 : 2 })),
      usage: () => usage,
      nextRun: () => null,
      logFilesOf: () => ({ outFile: null, errorFile: null }),
    } as unknown as AppSources;
    let changed: (key: AppKey) => void = () => undefined;
    let measured: (key: AppKey) => void = () => undefined;
    let sampled: () => void = () => undefined;
    const subscribe = (listener: (key: AppKey) => void) => {
      changed = listener;
      return () => undefined;
    };
    const { signal } = new AbortController();
    const query = { selectors: [], spec: 'none', detail: 'brief', usage: true, agents: true } as const;
    const watched = watchApps(query, sources, {
      ...{ status: { subscribe }, clock, signal },
      usage: {
        subscribe: (listener) => {
          sampled = listener;
          return () => undefined;
        },
      },
      custom: { onChange: () => () => undefined },
      agents: {
        look: (listener) => {
          measured = listener;
          return () => undefined;
        },
      },
    });
    if (!watched.ok) throw new Error(watched.error.message);
    const next = async (): Promise<readonly AppKey[]> => {
      viewed.length = 0;
      const list = watched.value.next();
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
      await list;
      return [...viewed];
    };
    expect(await next()).toEqual(['shop/api', 'shop/web']);
    changed('shop/web');
    expect(await next()).toEqual(['shop/web']);
    usage = new Map([
      [1, { cpuPercent: 0.04, memoryBytes: 100 }],
      [2, { cpuPercent: 0, memoryBytes: 200 }],
    ]);
    sampled();
    expect(await next()).toEqual(['shop/api', 'shop/web']);
    // Shown as before, but for one of them.
    usage = new Map([
      [1, { cpuPercent: 0.01, memoryBytes: 100 }],
      [2, { cpuPercent: 0, memoryBytes: 201 }],
    ]);
    sampled();
    expect(await next()).toEqual(['shop/web']);
    usage = new Map([[2, { cpuPercent: 0, memoryBytes: 201 }]]);
    sampled();
    expect(await next()).toEqual(['shop/api']);
    measured('shop/api');
    sampled();
    expect(await next()).toEqual(['shop/api']);
  });
});
