import { expect, test } from 'vitest';
import { watchdogTrigger } from '../../src/triggers/watchdog.ts';
import type { TriggerInstance, TriggerRestart } from '../../src/triggers/trigger.ts';
import { makeApp } from '../plan/fixtures.ts';

const app = makeApp('api', { spec: { notify: true, watchdog: 5_000 } });

function instance(fields: Partial<TriggerInstance>): TriggerInstance {
  return { nonce: 'n', key: app.key, slot: 1, state: 'running', pid: 1, upMs: 0, ...fields };
}

test('a process that falls silent is restarted, once, and alone', () => {
  const asked: TriggerRestart[] = [];
  const trigger = watchdogTrigger({
    outlet: { requestRestart: (restart) => asked.push(restart), submit: () => undefined },
  });
  const silent = { notify: { silent: true as const } };
  trigger.sync({ apps: [app], instances: [instance({ notify: {} }), instance({})] });
  expect(asked).toEqual([]);
  trigger.sync({ apps: [app], instances: [instance(silent)] });
  trigger.sync({ apps: [app], instances: [instance(silent)] });
  expect(asked).toMatchObject([
    {
      slot: 1,
      reason: 'WatchdogMissed',
      detail: 'no WATCHDOG=1 in time (watchdog: 5s), or WATCHDOG=trigger',
    },
  ]);
  // One that leaves, or is to be replaced, or of an app that an operator has stopped.
  trigger.sync({ apps: [app], instances: [instance({ nonce: 'b', state: 'stopping', ...silent })] });
  trigger.sync({ apps: [app], instances: [instance({ nonce: 'c', templateHash: 'before', ...silent })] });
  const stopped = { ...app, override: { run: 'stopped' as const, by: 'ann', at: 0 } };
  trigger.sync({ apps: [stopped], instances: [instance({ nonce: 'd', ...silent })] });
  expect(asked).toHaveLength(1);
});
