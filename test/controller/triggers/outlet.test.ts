import { describe, expect, it } from 'vitest';
import { TriggerHub } from '../../../src/controller/triggers/outlet.ts';
import type { Trigger, TriggerView } from '../../../src/triggers/trigger.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeDriver } from '../../support/fake-driver.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what triggers are shown', () => {
  it('is nothing before the runner has said once what runs, and the last that is known after', async () => {
    const driver = new FakeDriver(new FakeClock());
    driver.reachable = false;
    const views: TriggerView[] = [];
    const trigger: Trigger = { sync: (view) => void views.push(view), close: () => undefined };
    const hub = new TriggerHub({ store: { desired: () => [makeApp()] }, driver, triggers: [trigger] });
    await turn();
    expect(views).toEqual([]);
    driver.reachable = true;
    hub.changed();
    await turn();
    expect(views).toHaveLength(1);
    driver.reachable = false;
    hub.changed();
    await turn();
    expect(views).toHaveLength(2);
    hub.close();
  });
});
