import { describe, expect, it } from 'vitest';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { Condition } from '../../../src/plan/model/health.ts';
import type { FileWatcherOptions, WatchCheck } from '../../../src/triggers/watch/file-watcher.ts';
import type { TriggerInstance, TriggerRestart } from '../../../src/triggers/trigger.ts';
import { watchTrigger } from '../../../src/triggers/watch/watch.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { FakeDriver } from '../../support/fake-driver.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const QUIET: WatchCheck = { replaced: [], gone: [], returned: [] };

interface Opened {
  readonly options: FileWatcherOptions;
  check: WatchCheck;
  closed: boolean;
}

/** A watch trigger whose watchers are in the hand of the test. */
function rig() {
  const clock = new FakeClock();
  const restarts: TriggerRestart[] = [];
  const conditions = new Map<string, Condition | null>();
  const watchers: Opened[] = [];
  const trigger = watchTrigger({
    clock,
    outlet: { requestRestart: (restart) => restarts.push(restart), submit: () => undefined },
    paths: { home: '/home/stw' },
    driver: new FakeDriver(clock),
    status: {
      report: (key, _type, condition) => {
        conditions.set(key, condition);
        return true;
      },
    },
    store: { appendEvent: (event) => ({ ...event, seq: 1 }) },
    open: (options) => {
      const opened: Opened = { options, check: QUIET, closed: false };
      watchers.push(opened);
      return Promise.resolve({
        missing: [],
        check: () => Promise.resolve(opened.check),
        close: () => {
          opened.closed = true;
          return Promise.resolve();
        },
      });
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    restarts,
    conditions,
    watchers,
    close: () => trigger.close(),
    show: async (apps: readonly DesiredApp[], instances: readonly TriggerInstance[] = []): Promise<void> => {
      trigger.sync({ apps, instances });
      await settle();
    },
    pass: async (ms: number): Promise<void> => {
      clock.advance(ms);
      await settle();
    },
    /** The watcher that is open now. */
    watcher: (): Opened => {
      const [open, ...more] = watchers.filter(({ closed }) => !closed);
      if (open === undefined || more.length > 0) throw new Error('not exactly one open watcher');
      return open;
    },
  };
}

function watching(
  spec: Partial<DesiredApp['spec']> = {},
  run: 'running' | 'stopped' | null = null,
): DesiredApp {
  return {
    ...makeApp('api', { spec: { watch: ['src'], ...spec } }),
    override: run && { run, by: 'ann', at: 0 },
  };
}

describe('watch', () => {
  it('asks for one restart of the app for a burst of changes, and says what changed', async () => {
    const { show, pass, watcher, restarts } = rig();
    await show([watching({ instances: 4 })]);
    for (let file = 0; file < 1_000; file++) watcher().options.onChange(`/srv/src/${file}.js`);
    await pass(199);
    watcher().options.onChange('/srv/src/0.js');
    await pass(199);
    expect(restarts).toEqual([]);
    await pass(1);
    const detail = 'src/0.js changed (and 999 more)';
    expect(restarts).toEqual([{ key: 'shop/api', slot: null, reason: 'FileChanged', detail }]);
  });

  it('does not wait for ever for changes to end', async () => {
    const { show, pass, watcher, restarts } = rig();
    await show([watching()]);
    for (let elapsed = 0; elapsed < 10_000; elapsed += 100) {
      watcher().options.onChange('/srv/src/a.js');
      await pass(100);
    }
    expect(restarts.map(({ detail }) => detail)).toEqual(['src/a.js changed']);
  });

  it('asks again for a change that comes after it has asked', async () => {
    const { show, pass, watcher, restarts } = rig();
    await show([watching()]);
    for (const file of ['a', 'b']) {
      watcher().options.onChange(`/srv/src/${file}.js`);
      await pass(200);
    }
    expect(restarts.map(({ detail }) => detail)).toEqual(['src/a.js changed', 'src/b.js changed']);
  });

  it('watches neither what is stopped nor what nobody has started', async () => {
    const { show, watchers, conditions } = rig();
    await show([watching({}, 'stopped')]);
    await show([watching({ autostart: false })]);
    expect(watchers).toEqual([]);
    await show([watching({ autostart: false }, 'running')]);
    expect(conditions.get('shop/api')).toMatchObject({ status: 'True', reason: 'Watching' });
    await show([watching({}, 'stopped')]);
    expect(watchers.map(({ closed }) => closed)).toEqual([true]);
    expect(conditions.get('shop/api')).toBeNull();
  });

  it('drops changes that were not reported yet when the app is stopped', async () => {
    const { show, pass, watcher, restarts } = rig();
    await show([watching()]);
    watcher().options.onChange('/srv/src/a.js');
    await show([watching({}, 'stopped')]);
    await pass(60_000);
    expect(restarts).toEqual([]);
  });

  it('goes by changed settings at once, and keeps its watcher when other fields change', async () => {
    const { show, watchers, watcher } = rig();
    await show([watching()]);
    await show([watching({ kill_timeout: 1 })]);
    expect(watchers).toHaveLength(1);
    await show([watching({ ignore_watch: ['tmp'] })]);
    expect(watchers).toHaveLength(2);
    expect(watcher().options.ignore).toEqual(['tmp']);
    await show([watching({ watch: false })]);
    expect(watchers.every(({ closed }) => closed)).toBe(true);
  });

  it.each([
    ['ENOSPC', 'fs.inotify.max_user_watches'],
    ['EMFILE', 'fs.inotify.max_user_instances'],
  ])('turns %s into a condition that says what to raise, and tries again', async (code, sysctl) => {
    const { show, pass, watcher, watchers, conditions, restarts } = rig();
    await show([watching()]);
    watcher().options.onError(Object.assign(new Error(code), { code }));
    watchers[0]?.options.onError(Object.assign(new Error(code), { code }));
    expect(conditions.get('shop/api')).toMatchObject({ status: 'False', reason: 'WatchFailed' });
    expect(conditions.get('shop/api')?.message).toContain(sysctl);
    expect(watchers.map(({ closed }) => closed)).toEqual([true]);
    await pass(60_000);
    expect(conditions.get('shop/api')).toMatchObject({ status: 'True' });
    watcher().options.onChange('/srv/src/a.js');
    await pass(200);
    expect(restarts).toHaveLength(1);
  });

  it('watches a folder anew that was removed and made again, and takes that for a change', async () => {
    const { show, pass, watcher, watchers, restarts } = rig();
    await show([watching()]);
    watcher().check = { ...QUIET, replaced: ['/srv/src/lib'] };
    watcher().options.onStir();
    await pass(1_000);
    expect(watchers.map(({ closed }) => closed)).toEqual([true, false]);
    await pass(200);
    expect(restarts.map(({ detail }) => detail)).toEqual(['src/lib changed']);
  });

  it('leaves no timer and no watcher behind', async () => {
    const { show, pass, watcher, watchers, close, restarts } = rig();
    await show([watching()]);
    watcher().options.onChange('/srv/src/a.js');
    watcher().options.onStir();
    close();
    await pass(120_000);
    expect(watchers.map(({ closed }) => closed)).toEqual([true]);
    expect(restarts).toEqual([]);
  });
});
