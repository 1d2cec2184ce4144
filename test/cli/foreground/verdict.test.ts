import { describe, expect, test } from 'vitest';
import type { App, AppStatus, InstanceStatus } from '../../../src/api/contract/wire/apps.ts';
import { verdictOf, type Verdict } from '../../../src/cli/foreground/verdict.ts';

type Health = AppStatus['health'];
type Exit = Partial<NonNullable<InstanceStatus['lastExit']>>;

function instance(slot: number, exit: Exit | null, pid: number | null = null): InstanceStatus {
  const lastExit =
    exit === null ? null : { code: 0, signal: null, reason: 'Exited', at: '', error: null, ...exit };
  return { slot, pid, lastExit, ready: false } as unknown as InstanceStatus;
}

function app(
  name: string,
  health: Health,
  instances: readonly InstanceStatus[] = [],
  status: Partial<AppStatus> = {},
): App {
  return {
    project: 'shop',
    name,
    status: {
      health,
      instances,
      ...{ generation: 1, observedGeneration: 0, assessedGeneration: 1 },
      ...{ holds: [], conditions: [], desiredInstances: 1, readyInstances: 0, ...status },
    },
  } as unknown as App;
}

const RUNS = instance(0, null, 42);

function verdict(apps: readonly App[], exitWith: string | null = null): Verdict | null {
  const keys = apps.map(({ name }) => `shop/${name}` as const);
  return verdictOf(
    { apiVersion: 'v1', kind: 'AppList', items: apps },
    { apps: new Set(keys), exitWith: exitWith === null ? null : `shop/${exitWith}` },
  );
}

describe('a run goes on', () => {
  test('while an app runs', () => {
    expect(verdict([app('api', 'Healthy', [RUNS]), app('job', 'Completed', [instance(0, {})])])).toBeNull();
  });

  test('while an app waits for its next start, whatever it is called until then', () => {
    const holds = [{ reason: 'BackOff', message: 'back-off', slot: 0, until: '2026-01-01T00:00:00Z' }];
    const crashed = [instance(0, { code: 1 })];
    expect(verdict([app('api', 'Failed', crashed, { holds } as never)])).toBeNull();
    expect(verdict([app('api', 'CrashLoop', crashed, { holds } as never)])).toBeNull();
  });

  test('while a failed app has a process, which may become ready yet', () => {
    expect(verdict([app('api', 'Failed', [RUNS])])).toBeNull();
  });

  test('while what is published is about an earlier declaration', () => {
    expect(verdict([app('api', 'Failed', [instance(0, { code: 1 })], { generation: 2 })])).toBeNull();
  });

  test('while an app has a schedule, or was stopped by somebody', () => {
    const done = [instance(0, {})];
    expect(verdict([app('job', 'Completed', done, { runs: [] })])).toBeNull();
    expect(verdict([app('job', 'Completed', done), app('api', 'Stopped', done)])).toBeNull();
  });

  test('while an app of the file is not there yet', () => {
    const list = { apiVersion: 'v1', kind: 'AppList', items: [app('job', 'Completed')] } as const;
    expect(verdictOf(list, { apps: new Set(['shop/job', 'shop/api']), exitWith: null })).toBeNull();
  });
});

describe('a run is over', () => {
  test('with 0 when every app has completed', () => {
    expect(verdict([app('job', 'Completed', [instance(0, {})])])?.code).toBe(0);
  });

  test('with 1 and the reason when an app is given up', () => {
    const failed = app('api', 'Failed', [instance(0, { code: 3 })]);
    expect(verdict([app('web', 'Healthy', [RUNS]), failed])).toEqual({
      code: 1,
      reason: 'shop/api is given up: Failed: exited with code 3',
    });
  });

  test('with the exit code of the app that it was told to end with, whatever the others do', () => {
    const web = app('web', 'Healthy', [RUNS]);
    expect(verdict([web, app('tests', 'Failed', [instance(0, { code: 3 })])], 'tests')?.code).toBe(3);
    expect(verdict([web, app('tests', 'Completed', [instance(0, {})])], 'tests')?.code).toBe(0);
    expect(
      verdict([app('web', 'Failed', [instance(0, { code: 1 })]), app('tests', 'Healthy', [RUNS])], 'tests'),
    ).toBeNull();
  });

  test('with 128 and the number of the signal that ended that app', () => {
    const killed = app('tests', 'Failed', [instance(0, { code: null, signal: 'SIGKILL' })]);
    expect(verdict([killed], 'tests')?.code).toBe(137);
  });

  test('with the code of the first of its instances that has not ended with 0', () => {
    const instances = [instance(0, {}), instance(1, { code: 4 }), instance(2, { code: 5 })];
    expect(verdict([app('tests', 'Failed', instances)], 'tests')?.code).toBe(4);
  });

  test('with 1 when that app was never started, or nobody saw how it ended', () => {
    expect(verdict([app('tests', 'Failed', [instance(0, null)])], 'tests')?.code).toBe(1);
    expect(verdict([app('tests', 'Failed', [instance(0, { code: null })])], 'tests')?.code).toBe(1);
  });
});
