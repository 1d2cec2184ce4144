import { describe, expect, it, test } from 'vitest';
import { limitsTrigger } from '../../src/triggers/limits.ts';
import type { Condition } from '../../src/plan/model/health.ts';
import { StatusTable } from '../../src/reconcile/status-table.ts';
import type { TriggerInstance } from '../../src/triggers/trigger.ts';
import { makeApp } from '../plan/fixtures.ts';
import { eventually } from '../support/eventually.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Host } from '../support/host.ts';

const app = makeApp('api', { spec: { limits: { memory: 1e9, cpu: null, pids: null } } });
const SET = { state: 'set', message: 'memory.max 1000000000' } as const;

function instance(fields: Partial<TriggerInstance>): TriggerInstance {
  return { nonce: 'n', key: app.key, slot: 0, state: 'running', pid: 1, upMs: 0, ...fields };
}

function rig() {
  const events: string[] = [];
  const shown: (Condition | null)[] = [];
  const table = new StatusTable((error) => {
    throw error;
  });
  const trigger = limitsTrigger({
    clock: new FakeClock(),
    outlet: { submit: () => undefined },
    status: {
      report: (key, type, condition) => {
        const changed = table.report(key, type, condition);
        if (changed) shown.push(condition);
        return changed;
      },
    },
    store: {
      appendEvent: (event) => {
        events.push(`${event.reason} ${event.message}`);
        return { ...event, seq: events.length };
      },
    },
  });
  const sync = (instances: readonly TriggerInstance[], apps = [app]) => trigger.sync({ apps, instances });
  return { sync, events, shown };
}

describe('the condition Limited', () => {
  test('is true with the figures, said once for all processes that come and go', () => {
    const { sync, events, shown } = rig();
    sync([]);
    sync([instance({ limits: SET })]);
    sync([]);
    sync([instance({ nonce: 'n2', limits: SET })]);
    expect(events).toEqual(['LimitsSet memory.max 1000000000']);
    expect(shown).toMatchObject([{ type: 'Limited', status: 'True', message: SET.message }]);
  });

  test('is false as soon as one process of the template has none', () => {
    const { sync, shown } = rig();
    const none = { state: 'unavailable', message: 'this host has no cgroup v2' } as const;
    sync([instance({ limits: SET }), instance({ nonce: 'n2', slot: 1, limits: none })]);
    expect(shown).toMatchObject([{ status: 'False', reason: 'LimitsUnavailable' }]);
    expect(shown[0]?.message).toMatch(/this host has no cgroup v2; .*Delegate=yes/);
  });

  test('is not about processes that were started before the limits were declared', () => {
    const { sync, shown } = rig();
    sync([instance({ templateHash: 'before' })]);
    expect(shown).toEqual([]);
    sync([instance({ templateHash: app.templateHash })]);
    expect(shown[0]?.message).toMatch(/the runner that started it knows none yet/);
  });

  test('tells of nice, rlimits and the like, once for all slots that lack the same', () => {
    const { sync, shown } = rig();
    const tuned = makeApp('api', { spec: { nice: -5 } });
    const partly = { state: 'partly', message: 'nice -5 is not in force: no' } as const;
    sync([instance({ generation: tuned.generation, tuning: { state: 'changing', message: '' } })], [tuned]);
    expect(shown).toEqual([]);
    sync([instance({ tuning: partly }), instance({ nonce: 'm', slot: 1, tuning: partly })], [tuned]);
    expect(shown.at(-1)).toMatchObject({ status: 'False', message: `slot 0, 1: ${partly.message}` });
    sync([instance({ tuning: { state: 'set', message: 'nice -5' } })], [tuned]);
    expect(shown.at(-1)).toMatchObject({ status: 'True', message: 'nice -5' });
    // It is not declared any more, and what was given cannot be taken back.
    sync([instance({ tuning: partly })], [makeApp('api')]);
    expect(shown.at(-1)).toMatchObject({ status: 'False' });
    sync([instance({})], [makeApp('api')]);
    expect(shown.at(-1)).toBeNull();
  });

  test('says so when the runner does not know such settings', () => {
    const { sync, shown } = rig();
    sync([instance({})], [makeApp('api', { spec: { nice: 5 } })]);
    expect(shown.at(-1)?.message).toContain('daemon upgrade');
  });

  test('goes with the limits, and with a stop', () => {
    const { sync, shown } = rig();
    sync([instance({ limits: SET })]);
    sync([], [{ ...app, override: { run: 'stopped', by: 'ann', at: 0 } }]);
    sync([instance({ limits: SET })]);
    sync([], [makeApp('api')]);
    expect(shown.map((condition) => condition?.status ?? null)).toEqual(['True', null, 'True', null]);
  });
});

describe('on a real host', () => {
  it('an app with limits runs, with and without them, and says which; an unchanged apply touches nothing', async () => {
    await using host = new Host();
    host.write('app.cjs', 'setInterval(() => {}, 1e6);\n');
    host.declare({ name: 'api', script: './app.cjs', min_uptime: 0, limits: { memory: '256M', cpu: 0.5 } });
    await host.ok('apply');
    const [pid] = (await host.pids()).api ?? [];
    expect(pid).toBeTypeOf('number');
    const condition = await eventually(async () => {
      const { items } = await host.apps();
      return items[0]?.status.conditions.find(({ type }) => type === 'Limited');
    });
    expect(`${condition.status} ${condition.message}`).toMatch(
      /^True memory\.max 268435456, cpu\.max 50000 100000$|^False runs without limits: .*Delegate=yes/,
    );
    expect((await host.ok('events')).stdout).toMatch(/Limits(Set|Unavailable)/);
    expect((await host.ok('apply')).text).toMatch(/0 processes touched/);
  }, 60_000);
});
