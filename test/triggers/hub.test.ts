import { describe, expect, it } from 'vitest';
import { TriggerHub, type TriggerHubOptions } from '../../src/triggers/hub.ts';
import type { Trigger, TriggerView } from '../../src/triggers/trigger.ts';
import { makeApp } from '../plan/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeDriver } from '../support/fake-driver.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what triggers are shown', () => {
  it('is nothing before the runner has said once what runs, and the last that is known after', async () => {
    const driver = new FakeDriver(new FakeClock());
    driver.reachable = false;
    const views: TriggerView[] = [];
    const trigger: Trigger = { sync: (view) => void views.push(view), close: () => undefined };
    let changed: () => void = () => undefined;
    const store: TriggerHubOptions['store'] = {
      desired: () => [makeApp()],
      onCommit(listener) {
        changed = () => listener({ changed: [], before: new Map(), after: new Map() });
        return () => undefined;
      },
    };
    const hub = new TriggerHub({ clock: new FakeClock(), store, driver, triggers: [trigger] });
    await turn();
    expect(views).toEqual([]);
    driver.reachable = true;
    changed();
    await turn();
    expect(views).toHaveLength(1);
    driver.reachable = false;
    changed();
    await turn();
    expect(views).toHaveLength(2);
    hub.close();
  });

  it('is shown seldom where to look at it takes long, and at last', async () => {
    const clock = new FakeClock();
    let seen = 0;
    // As with thousands of apps.
    const trigger: Trigger = {
      sync: () => {
        seen += 1;
        clock.advance(20);
      },
      close: () => undefined,
    };
    let changed: () => void = () => undefined;
    const store: TriggerHubOptions['store'] = {
      desired: () => [],
      onCommit(listener) {
        changed = () => listener({ changed: [], before: new Map(), after: new Map() });
        return () => undefined;
      },
    };
    const hub = new TriggerHub({ clock, store, driver: new FakeDriver(clock), triggers: [trigger] });
    await turn();
    expect(seen).toBe(1);
    for (let i = 0; i < 100; i++) {
      changed();
      await turn();
    }
    expect(seen).toBe(1);
    clock.advance(180);
    expect(seen).toBe(2);
    hub.close();
  });
});
