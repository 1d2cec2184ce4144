import { describe, expect, test } from 'vitest';
import { desiredApps } from '../../src/state/desired/desired.ts';
import { reduce, type Projects } from '../../src/state/desired/reducer.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { makeSpec } from '../plan/fixtures.ts';

const KEY = 'shop/job';

function declare(before: Projects, fields: Partial<AppSpec>, at: number): Projects {
  const apps = [makeSpec({ name: 'job', ...fields })];
  const spec = { project: 'shop', source: { files: [], env: null }, apps };
  return reduce(before, { kind: 'project-accepted', spec, templateHashes: { job: 'h' }, prune: true, at });
}

function run(before: Projects, tick: number): Projects {
  const fact = {
    kind: 'restart-requested',
    key: KEY,
    slot: 0,
    reason: 'ScheduledRun',
    detail: 'due',
  } as const;
  return reduce(before, { ...fact, at: tick, tick, run: true });
}

function jobOf(projects: Projects): DesiredApp | undefined {
  return desiredApps(projects)[0];
}

const NOTHING: Projects = new Map();

describe('a schedule', () => {
  test('begins when it is declared, and afresh when it is edited', () => {
    const declared = declare(NOTHING, { cron_restart: '@daily' }, 10);
    expect(jobOf(declared)?.settledTick).toBe(10);
    expect(jobOf(declare(declared, { cron_restart: '@daily', watch: true }, 20))?.settledTick).toBe(10);
    expect(jobOf(declare(declared, { cron_restart: '@hourly' }, 30))?.settledTick).toBe(30);
    expect(jobOf(declare(declared, { cron_restart: '@daily', cron_timezone: 'UTC' }, 40))?.settledTick).toBe(
      40,
    );
  });

  test('has the time that came due in the same record as what follows from it', () => {
    const job = jobOf(run(declare(NOTHING, { schedule: '@daily' }, 10), 50));
    expect(job).toMatchObject({ settledTick: 50, generation: 2, runs: { 0: 2 }, slotRestarts: { 0: 1 } });
  });

  test('has no run left over once it is stopped, or is not a job any more', () => {
    const asked = run(declare(NOTHING, { schedule: '@daily' }, 10), 50);
    const override = { run: 'stopped', by: 'ann', at: 60 } as const;
    expect(jobOf(reduce(asked, { kind: 'override-set', key: KEY, override }))?.runs).toEqual({});
    expect(jobOf(declare(asked, {}, 60))?.runs).toEqual({});
    expect(jobOf(declare(asked, { schedule: '@hourly' }, 60))?.runs).toEqual({ 0: 2 });
  });
});
