import { describe, expect, it } from 'vitest';
import type { App, AppStatus, InstanceStatus } from '../../../src/api/contract/wire/apps.ts';
import { appFamilies } from '../../../src/controller/metrics/app-families.ts';

const AT = '2026-11-29T10:00:00.500Z';

function instance(given: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    id: 1,
    slot: 0,
    pid: 7,
    state: 'running',
    ready: true,
    restarts: 0,
    startedAt: AT,
    cpuPercent: null,
    memoryBytes: null,
    lastExit: null,
    ...given,
  };
}

function app(status: Partial<AppStatus> = {}, given: Partial<App> = {}): App {
  return {
    project: 'shop',
    name: 'api',
    createdAt: AT,
    spec: null,
    logs: { out: null, error: null },
    status: {
      sync: 'Synced',
      health: 'Healthy',
      generation: 1,
      observedGeneration: 1,
      assessedGeneration: 1,
      revision: 3,
      desiredInstances: 1,
      readyInstances: 1,
      conditions: [],
      override: null,
      holds: [],
      instances: [instance()],
      ...status,
    },
    ...given,
  };
}

/** The samples of one name, each as its own labels and value. */
function samples(
  name: string,
  apps: readonly App[],
  cpu: (pid: number) => number | null = () => null,
): unknown {
  const found = appFamilies(apps, cpu).find((family) => family.name === name);
  return found?.samples.map(({ labels: { project: _project, app: _app, ...labels }, value }) => ({
    ...labels,
    value,
  }));
}

const code = (id: string, version: string) => ({ id, commit: `${id}c`, branch: null, dirty: false, version });

describe('metrics of an app', () => {
  it.each<[string, App, unknown]>([
    ['stateward_app_synced', app({ sync: 'OutOfSync' }), [{ value: 0 }]],
    ['stateward_app_ready_instances', app({ readyInstances: 4 }), [{ value: 4 }]],
    ['stateward_app_next_run_timestamp_seconds', app({ nextRun: AT }), [{ value: Date.parse(AT) / 1000 }]],
    ['stateward_app_next_run_timestamp_seconds', app({ nextRun: null }), []],
    [
      'stateward_app_problem',
      app({
        problems: (['Logging', 'Watching', 'Logging'] as const).map((type) => ({
          type,
          reason: 'WatchFailed',
          message: '',
          since: AT,
        })),
      }),
      [
        { type: 'Logging', value: 1 },
        { type: 'Watching', value: 1 },
      ],
    ],
    [
      'stateward_app',
      app(
        {
          instances: [
            instance({ code: code('old', 'v1') }),
            instance({ slot: 1, startedAt: '2026-11-29T11:00:00.000Z', code: code('new', 'v2') }),
            instance({ slot: 2, pid: null, startedAt: '2026-11-29T12:00:00.000Z', code: code('gone', 'v3') }),
          ],
        },
        { source: { name: 'git', commit: 'abc', problem: null } },
      ),
      [
        {
          namespace: 'default',
          version: 'v2',
          commit: 'newc',
          source: 'git',
          source_commit: 'abc',
          value: 1,
        },
      ],
    ],
    ['stateward_app', app({ instances: [] }), [{ namespace: 'default', value: 1 }]],
  ])('%s', (name, given, expected) => {
    expect(samples(name, [given])).toEqual(expected);
  });

  it('name every state, so that one that has ended is seen to end', () => {
    const health = samples('stateward_app_health', [app({ health: 'CrashLoop' })]) as { value: number }[];
    expect(health).toHaveLength(9);
    expect(health.filter(({ value }) => value === 1)).toEqual([
      { stateward_app_health: 'CrashLoop', value: 1 },
    ]);
    const none = samples('stateward_app_rollout_state', [app({ rollout: null })]) as { value: number }[];
    expect(none.map(({ value }) => value)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('metrics of an instance', () => {
  const exit = { reason: 'Exited', at: AT, error: null } as const;
  it.each<[string, InstanceStatus, unknown]>([
    ['stateward_instance_up', instance({ pid: null }), [{ slot: '0', value: 0 }]],
    ['stateward_instance_start_time_seconds', instance({ pid: null }), []],
    ['stateward_instance_memory_bytes', instance(), []],
    ['stateward_instance_memory_bytes', instance({ memoryBytes: 5 }), [{ slot: '0', value: 5 }]],
    ['stateward_instance_cpu_seconds', instance({ pid: 9 }), [{ slot: '0', value: 2.5 }]],
    ['stateward_instance_cpu_seconds', instance({ pid: 8 }), []],
    [
      'stateward_instance_last_exit_code',
      instance({ lastExit: { ...exit, code: 3, signal: null } }),
      [{ slot: '0', value: 3 }],
    ],
    [
      'stateward_instance_last_exit_code',
      instance({ lastExit: { ...exit, code: null, signal: 'SIGKILL' } }),
      [{ slot: '0', value: 137 }],
    ],
    ['stateward_instance_last_exit_code', instance({ lastExit: { ...exit, code: null, signal: null } }), []],
    [
      'stateward_instance_restarts',
      instance({ restarts: 5, restartsByReason: { Exited: 3, LivenessFailed: 1 } }),
      [
        { slot: '0', reason: 'Exited', value: 3 },
        { slot: '0', reason: 'LivenessFailed', value: 1 },
        { slot: '0', reason: 'unknown', value: 1 },
      ],
    ],
    ['stateward_instance_restarts', instance(), [{ slot: '0', reason: 'unknown', value: 0 }]],
  ])('%s', (name, given, expected) => {
    expect(samples(name, [app({ instances: [given] })], (pid) => (pid === 9 ? 2.5 : null))).toEqual(expected);
  });
});
