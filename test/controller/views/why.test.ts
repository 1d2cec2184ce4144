import { describe, expect, it } from 'vitest';
import type { WhyInput } from '../../../src/controller/views/why/input.ts';
import { explainApp } from '../../../src/controller/views/why/why.ts';
import { planApp } from '../../../src/plan/plan.ts';
import { viewHost } from '../../../src/plan/model/host-view.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { Observed } from '../../../src/plan/model/observed.ts';
import { StatusTable } from '../../../src/reconcile/status-table.ts';
import { makeApp, makeExit, makeHistory, makeInstance, NOW, observe, STOPPED } from '../../plan/fixtures.ts';

const REVISION = { by: 'ann', command: 'apply -f ecosystem.yaml', at: NOW - 90_000 };

/** What a controller would answer about the first app. */
function why(
  apps: readonly [DesiredApp, ...DesiredApp[]],
  observed: Partial<Observed> = {},
  nextRun: number | null = null,
  revision: NonNullable<WhyInput['revision']> = REVISION,
) {
  const [app] = apps;
  const all = observe(observed);
  const { host } = viewHost(apps, all);
  const { health, holds } = planApp(app.key, host, { now: NOW });
  const status = new StatusTable((error) => {
    throw error;
  });
  status.publish(app.key, { health, holds, generation: app.generation, now: NOW });
  const input: WhyInput = {
    app,
    status: status.get(app.key),
    instances: all.instances,
    history: all.history.find(({ key }) => key === app.key)?.slots ?? [],
    nextRun,
    revision,
  };
  return explainApp(input);
}

describe('why', () => {
  it('says since when an app runs and which revision declared it', () => {
    const app = makeApp();
    expect(why([app], { instances: [makeInstance(app)] })).toMatchObject({
      health: 'Healthy',
      readyInstances: 1,
      since: '2026-03-01T11:59:00.000Z',
      cause: { reason: 'ProjectApplied', message: 'revision 1: apply -f ecosystem.yaml (by ann)' },
      lastExit: null,
      waits: [],
      next: ['stateward describe shop/api'],
    });
  });

  it('names the commit that the revision was declared from', () => {
    const revision = { ...REVISION, commit: '1a2b3c4d'.repeat(5) };
    expect(why([makeApp()], {}, null, revision)).toMatchObject({
      cause: { message: 'revision 1: apply -f ecosystem.yaml (by ann, commit 1a2b3c4)' },
    });
  });

  it('says who stopped an app, and how to start it', () => {
    expect(why([makeApp('api', { override: STOPPED })])).toMatchObject({
      health: 'Stopped',
      since: '2026-03-01T12:00:00.000Z',
      cause: { reason: 'StoppedByOperator', message: 'stopped by ann; the next apply resets it' },
      next: ['stateward start shop/api'],
    });
  });

  it('says what a crash loop ended with, when the next try is, and where to look', () => {
    const app = makeApp();
    const unstableExits = [NOW - 5_000, NOW - 3_000, NOW];
    const slots = [makeHistory(app, { attempt: 3, unstableExits })];
    expect(why([app], { history: [{ key: app.key, slots }] })).toMatchObject({
      health: 'CrashLoop',
      since: '2026-03-01T11:59:55.000Z',
      lastExit: { slot: 0, reason: 'Exited', message: 'exited with code 1' },
      waits: [{ reason: 'BackOff', until: '2026-03-01T12:00:00.200Z' }],
      next: ['stateward logs shop/api --err --lines 50', 'stateward restart shop/api'],
    });
  });

  it('says that a process could not be started, with the error', () => {
    const app = makeApp();
    const slots = [makeHistory(app, { lastExit: makeExit({ code: null, upMs: 0, error: 'ENOENT: /srv' }) })];
    expect(why([app], { history: [{ key: app.key, slots }] })).toMatchObject({
      health: 'Failed',
      lastExit: { reason: 'StartFailed', message: 'cannot be started: ENOENT: /srv' },
    });
  });

  it('points to the app that blocks it', () => {
    const web = makeApp('web', { spec: { depends_on: { api: 'ready' } } });
    const api = makeApp('api', { spec: { depends_on: { db: 'ready' } } });
    expect(why([web, api, makeApp('db')])).toMatchObject({
      health: 'Progressing',
      waits: [{ reason: 'DependencyNotReady', blockedBy: 'shop/db' }],
      next: ['stateward why shop/db'],
    });
  });

  it('says of a job at rest what came of its last run and when the next one is', () => {
    const app = {
      ...makeApp('job', { spec: { schedule: '@hourly', autorestart: false } }),
      lastRestart: { reason: 'ScheduledRun', detail: 'schedule "@hourly" came due', at: NOW } as const,
    };
    const slots = [makeHistory(app, { lastExit: makeExit({ code: 3 }) })];
    expect(why([app], { history: [{ key: app.key, slots }] }, NOW + 60_000)).toMatchObject({
      health: 'Degraded',
      cause: { message: 'schedule "@hourly" came due' },
      lastExit: { message: 'exited with code 3' },
      waits: [{ reason: 'WaitsForSchedule', until: '2026-03-01T12:01:00.000Z' }],
    });
  });

  it('says that nobody has started an app without autostart', () => {
    expect(why([makeApp('api', { spec: { autostart: false } })])).toMatchObject({
      health: 'Stopped',
      waits: [{ reason: 'NotAutostarted' }],
      next: ['stateward start shop/api'],
    });
  });

  it('says that an exit code was one to stop at', () => {
    const app = makeApp('api', { spec: { stop_exit_codes: [3] } });
    const slots = [makeHistory(app, { lastExit: makeExit({ code: 3 }) })];
    expect(why([app], { history: [{ key: app.key, slots }] })).toMatchObject({
      health: 'Failed',
      lastExit: { reason: 'StopExitCode', message: 'exited with code 3' },
    });
  });

  it('shows the exit of the slot that is down, not a newer one of a slot that serves', () => {
    const app = makeApp('api', { spec: { instances: 2 } });
    const asked = makeExit({ code: null, signal: 'SIGINT', requested: true, at: NOW });
    const slots = [
      makeHistory(app, { slot: 0, lastExit: asked }),
      makeHistory(app, { slot: 1, lastExit: makeExit({ code: 1, at: NOW - 5_000 }) }),
    ];
    const instances = [makeInstance(app, { slot: 0 })];
    expect(why([app], { instances, history: [{ key: app.key, slots }] })).toMatchObject({
      lastExit: { slot: 1, message: 'exited with code 1' },
    });
  });

  it('points a job that cron_restart is to run, and that ends by itself, to schedule', () => {
    const app = makeApp('job', { spec: { cron_restart: '0 2 * * *' } });
    const lastExit = makeExit({ code: 0 });
    const history = [{ key: app.key, slots: [makeHistory(app, { attempt: 4, lastExit })] }];
    const { next, waits } = why([app], { history });
    expect(next).toEqual([expect.stringContaining('schedule: "0 2 * * *" in place of cron_restart')]);
    expect(waits).toMatchObject([{ reason: 'BackOff' }]);
    expect(waits[0]?.message).toContain('`schedule`');
  });

  it('says which restart it was', () => {
    const app = {
      ...makeApp(),
      lastRestart: { reason: 'FileChanged', detail: 'a.js changed', at: NOW - 1_000 } as const,
    };
    expect(why([app], { instances: [makeInstance(app)] })).toMatchObject({
      cause: { reason: 'FileChanged', message: 'restart: a.js changed' },
      lastRestart: { reason: 'FileChanged', message: 'a.js changed', at: '2026-03-01T11:59:59.000Z' },
    });
  });
});
