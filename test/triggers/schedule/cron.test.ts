import { describe, expect, it } from 'vitest';
import { cronProblem } from '../../../src/spec/cron-text.ts';
import type { DesiredApp, Override } from '../../../src/plan/model/desired.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import type { NewEvent } from '../../../src/state/events/event-log.ts';
import { CronTrigger } from '../../../src/triggers/schedule/cron.ts';
import { loadTimetables } from '../../../src/triggers/schedule/timetable.ts';
import type { TriggerInstance, TriggerRestart } from '../../../src/triggers/trigger.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface RigOptions {
  readonly now?: string;
  readonly ticks?: Map<string, number>;
}

/** A trigger whose requests are made durable at once, as the controller does. */
function rig(options: RigOptions = {}) {
  const clock = new FakeClock(Date.parse(options.now ?? '2026-01-01T00:00:00Z'));
  const asked: TriggerRestart[] = [];
  const events: NewEvent[] = [];
  const ticks = options.ticks ?? new Map<string, number>();
  let apps: readonly DesiredApp[] = [];
  let instances: readonly TriggerInstance[] = [];
  const read = loadTimetables();
  const trigger = new CronTrigger({
    clock,
    outlet: {
      requestRestart: (restart) => {
        asked.push(restart);
        apps = apps.map((app) => (app.key === restart.key ? afterTick(app, restart) : app));
      },
      submit: () => undefined,
    },
    store: {
      history: (key) => {
        const at = ticks.get(key);
        return { key, slots: [], ...(at !== undefined && { lastCronTick: at }) };
      },
      recordCronTick: (key, at) => void ticks.set(key, at),
      appendEvent: (event) => {
        events.push(event);
        return { ...event, seq: 1 };
      },
    },
    load: () => read,
    log: () => undefined,
  });
  const show = (): void => trigger.sync({ apps, instances });
  return {
    ...{ clock, trigger, asked, events, ticks },
    times: () => asked.map(({ tick }) => new Date(tick ?? 0).toISOString().slice(0, 16)),
    apps: () => apps,
    declare: async (...next: readonly DesiredApp[]): Promise<void> => {
      apps = next;
      show();
      await read;
      show();
    },
    running: (...slots: readonly number[]): void => look(slots.map((slot) => ({ slot }))),
    shown: (...some: readonly Partial<TriggerInstance>[]): void => look(some),
  };

  function look(some: readonly Partial<TriggerInstance>[]): void {
    const [app] = apps;
    if (app === undefined) throw new Error('declare an app first');
    instances = some.map((one, index) => ({
      ...{ nonce: `n${index}`, key: app.key, slot: 0, state: 'running', pid: 1, upMs: 1 },
      ...one,
    }));
    show();
  }
}

function afterTick(app: DesiredApp, { tick }: TriggerRestart): DesiredApp {
  return { ...app, ...(tick !== undefined && { settledTick: tick }) };
}

function cronApp(spec: Partial<AppSpec>, settledTick?: number, override: Override | null = null): DesiredApp {
  const app = makeApp('api', { spec, override });
  return settledTick === undefined ? app : { ...app, settledTick };
}

const STOPPED: Override = { run: 'stopped', by: 'ann', at: 0 };

describe('cron_restart', () => {
  it('asks for a restart of every instance when it comes due, and says why', async () => {
    const { declare, clock, asked } = rig();
    await declare(cronApp({ cron_restart: '0 2 * * *', cron_timezone: 'UTC' }));
    clock.advance(2 * HOUR - 1);
    expect(asked).toEqual([]);
    clock.advance(1);
    expect(asked).toEqual([
      {
        ...{ key: 'shop/api', slot: null, reason: 'CronRestart', tick: Date.parse('2026-01-01T02:00:00Z') },
        detail: 'cron_restart "0 2 * * *" came due at 2026-01-01T02:00:00.000Z',
      },
    ]);
  });

  it('comes due at every time once, however often it is looked at', async () => {
    const { declare, apps, clock, times } = rig();
    await declare(cronApp({ cron_restart: '* * * * *', cron_timezone: 'UTC' }));
    for (let second = 0; second < 150; second += 1) {
      clock.advance(1_000);
      await declare(...apps());
    }
    expect(times()).toEqual(['2026-01-01T00:01', '2026-01-01T00:02']);
  });

  it('is never asleep for longer than a minute', async () => {
    const { declare, clock } = rig();
    await declare(cronApp({ cron_restart: '@yearly', cron_timezone: 'UTC' }));
    expect(clock.nextDelayMs()).toBe(MINUTE);
  });

  it('runs once when the clock jumps over many times', async () => {
    const { declare, clock, times } = rig();
    await declare(cronApp({ cron_restart: '0 * * * *', cron_timezone: 'UTC' }));
    clock.jump(5 * HOUR + 10 * MINUTE);
    clock.advance(MINUTE);
    expect(times()).toEqual(['2026-01-01T05:00']);
  });

  it('does not run again when the clock is set back', async () => {
    const { declare, clock, times } = rig();
    await declare(cronApp({ cron_restart: '0 * * * *', cron_timezone: 'UTC' }));
    clock.advance(HOUR);
    clock.jump(-30 * MINUTE);
    clock.advance(HOUR);
    expect(times()).toEqual(['2026-01-01T01:00']);
    clock.advance(30 * MINUTE);
    expect(times()).toEqual(['2026-01-01T01:00', '2026-01-01T02:00']);
  });

  it('does not wait for years when the clock was years ahead', async () => {
    const { declare, apps, clock, times } = rig({ now: '2030-01-01T00:00:00Z' });
    await declare(cronApp({ cron_restart: '0 * * * *', cron_timezone: 'UTC' }));
    clock.advance(HOUR);
    clock.jump(Date.parse('2026-01-01T00:30:00Z') - clock.now());
    await declare(...apps());
    clock.advance(HOUR);
    expect(times()).toEqual(['2030-01-01T01:00', '2026-01-01T01:00']);
  });

  it('makes up for a downtime with one restart', async () => {
    const { declare, clock, times, asked } = rig({ now: '2026-01-01T00:30:00Z' });
    await declare(cronApp({ cron_restart: '0 * * * *', cron_timezone: 'UTC' }, clock.now() - 12.5 * HOUR));
    expect(times()).toEqual(['2026-01-01T00:00']);
    expect(asked[0]?.detail).toContain('made up for');
    clock.advance(30 * MINUTE);
    expect(times()).toEqual(['2026-01-01T00:00', '2026-01-01T01:00']);
  });

  it('makes up for nothing without cron_catch_up, and says so', async () => {
    const { declare, clock, times, events } = rig({ now: '2026-01-01T00:30:00Z' });
    const spec = { cron_restart: '0 * * * *', cron_timezone: 'UTC', cron_catch_up: false };
    await declare(cronApp(spec, clock.now() - 12.5 * HOUR));
    expect(times()).toEqual([]);
    expect(events.map(({ reason }) => reason)).toEqual(['RunSkipped']);
    clock.advance(30 * MINUTE);
    expect(times()).toEqual(['2026-01-01T01:00']);
  });

  it.each([
    { lateMs: 90_000, isMissed: false },
    { lateMs: 90_001, isMissed: true },
  ])('is $lateMs ms late after a sleep of the host: missed is $isMissed', async ({ lateMs, isMissed }) => {
    const forgiving = rig();
    await forgiving.declare(cronApp({ cron_restart: '0 * * * *', cron_timezone: 'UTC' }));
    forgiving.clock.jump(HOUR + lateMs - MINUTE);
    forgiving.clock.advance(MINUTE);
    expect(forgiving.asked.map(({ detail }) => detail.includes('made up for'))).toEqual([isMissed]);
    const strict = rig();
    const spec = { cron_restart: '0 * * * *', cron_timezone: 'UTC', cron_catch_up: false };
    await strict.declare(cronApp(spec));
    strict.clock.jump(HOUR + lateMs - MINUTE);
    strict.clock.advance(MINUTE);
    expect(strict.times()).toEqual(isMissed ? [] : ['2026-01-01T01:00']);
  });

  it('does not double a time that was dealt with before a crash', async () => {
    const first = rig();
    await first.declare(cronApp({ cron_restart: '0 * * * *', cron_timezone: 'UTC' }));
    first.clock.advance(HOUR);
    const second = rig({ now: '2026-01-01T01:00:01Z', ticks: first.ticks });
    await second.declare(...first.apps());
    second.clock.advance(58 * MINUTE);
    expect([first.times(), second.times()]).toEqual([['2026-01-01T01:00'], []]);
  });

  it('leaves a stopped app alone, also for what it missed when it is started again', async () => {
    const { declare, clock, times } = rig();
    const spec = { cron_restart: '0 * * * *', cron_timezone: 'UTC' };
    await declare(cronApp(spec, clock.now(), STOPPED));
    clock.advance(5 * HOUR + 30 * MINUTE);
    await declare(cronApp(spec, clock.now() - 5 * HOUR));
    expect(times()).toEqual([]);
    clock.advance(30 * MINUTE);
    expect(times()).toEqual(['2026-01-01T06:00']);
  });

  it('begins afresh when it is edited', async () => {
    const { declare, clock, times } = rig();
    await declare(cronApp({ cron_restart: '0 0 1 1 *', cron_timezone: 'UTC' }));
    clock.advance(90 * MINUTE);
    await declare(cronApp({ cron_restart: '0 * * * *', cron_timezone: 'UTC' }));
    expect(times()).toEqual([]);
    clock.advance(30 * MINUTE);
    expect(times()).toEqual(['2026-01-01T02:00']);
  });

  it('runs once where summer time leaves its hour out, and once where the hour comes twice', async () => {
    const spec = { cron_restart: '30 2 * * *', cron_timezone: 'Europe/Berlin' };
    const spring = rig({ now: '2026-03-28T12:00:00Z' });
    await spring.declare(cronApp(spec));
    spring.clock.advance(24 * HOUR);
    expect(spring.times()).toEqual(['2026-03-29T01:30']);
    const autumn = rig({ now: '2026-10-24T12:00:00Z' });
    await autumn.declare(cronApp(spec));
    autumn.clock.advance(24 * HOUR);
    expect(autumn.times()).toHaveLength(1);
  });

  it('tells the next time, and none of a stopped app', async () => {
    const { declare, trigger } = rig();
    const spec = { cron_restart: '0 2 * * *', cron_timezone: 'Asia/Tokyo' };
    await declare(cronApp(spec));
    expect(trigger.nextRun('shop/api')).toBe(Date.parse('2026-01-01T17:00:00Z'));
    await declare(cronApp(spec, undefined, STOPPED));
    expect(trigger.nextRun('shop/api')).toBeNull();
  });
});

describe('a scheduled job', () => {
  const spec = { schedule: '* * * * *', cron_timezone: 'UTC', autorestart: false } as const;

  it('is run in its slot when it comes due', async () => {
    const { declare, clock, asked } = rig();
    await declare(cronApp(spec));
    clock.advance(MINUTE);
    expect(asked).toMatchObject([{ slot: 0, run: true, reason: 'ScheduledRun' }]);
  });

  it('is left out with an event while the run before goes on', async () => {
    const { declare, running, clock, asked, events } = rig();
    await declare(cronApp(spec));
    running(0);
    clock.advance(MINUTE);
    expect(asked).toEqual([]);
    expect(events).toMatchObject([{ reason: 'RunSkipped', level: 'warning' }]);
    running();
    clock.advance(MINUTE);
    expect(asked).toHaveLength(1);
  });

  it('is left out while the run before waits to be started', async () => {
    const { declare, clock, asked } = rig();
    await declare({ ...cronApp(spec), runs: { 0: 4 } });
    clock.advance(MINUTE);
    expect(asked).toEqual([]);
  });

  it('is not taken to go on once its process has ended, on record or not', async () => {
    const { declare, shown, clock, asked } = rig();
    await declare({ ...cronApp(spec), runs: { 0: 4 } });
    shown({ state: 'exited', generation: 4 });
    clock.advance(MINUTE);
    expect(asked).toMatchObject([{ slot: 0, run: true }]);
  });

  it('is left out while an earlier run has ended and the newest waits to be started', async () => {
    const { declare, shown, clock, asked } = rig();
    await declare({ ...cronApp(spec), runs: { 0: 4 } });
    shown({ state: 'exited', generation: 3 });
    clock.advance(MINUTE);
    expect(asked).toEqual([]);
  });

  it('replaces the run that goes on, or takes the next free slot, as declared', async () => {
    for (const [concurrency, slot] of [
      ['replace', 0],
      ['allow', 1],
    ] as const) {
      const { declare, running, clock, asked } = rig();
      await declare(cronApp({ ...spec, concurrency }));
      running(0, 2);
      clock.advance(MINUTE);
      expect(asked).toMatchObject([{ slot, run: true }]);
    }
  });
});

describe('what validation takes', () => {
  it.each(['* * * * *', '@daily', '0 0 L * *', '0 0 ? * 1#2', '0 0 * * 5L', 'H 2 * * *', '1 0 0 29 2 *'])(
    '%s has a next time',
    async (expression) => {
      expect(cronProblem(expression)).toBeNull();
      const read = await loadTimetables();
      expect(read({ expression, timezone: 'UTC', seed: 'a' }).next(Date.UTC(2026, 0))).not.toBeNull();
    },
  );

  it.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 0 31 FEB *'])(
    '%s never comes and is refused',
    (expression) => {
      expect(cronProblem(expression)).toMatch(/no month/);
    },
  );
});
