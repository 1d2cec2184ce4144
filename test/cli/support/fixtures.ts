import type { App, AppList, AppStatus, InstanceStatus } from '../../../src/api/contract/wire/apps.ts';

/** 2026-01-01T12:00:00Z: the moment at which tests look at things. */
export const NOW_MS = Date.parse('2026-01-01T12:00:00Z');

export function instance(overrides: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    id: 0,
    slot: 0,
    pid: 4242,
    state: 'running',
    ready: true,
    restarts: 0,
    startedAt: '2026-01-01T11:00:00.000Z',
    cpuPercent: 0.3,
    memoryBytes: 45 * 1024 * 1024,
    lastExit: null,
    ...overrides,
  };
}

export function status(overrides: Partial<AppStatus> = {}): AppStatus {
  return {
    sync: 'Synced',
    health: 'Healthy',
    generation: 3,
    observedGeneration: 3,
    assessedGeneration: 3,
    revision: 42,
    desiredInstances: 1,
    readyInstances: 1,
    conditions: [],
    override: null,
    holds: [],
    instances: [instance()],
    ...overrides,
  };
}

export function app(
  name: string,
  overrides: Partial<AppStatus> = {},
  rest: Partial<Omit<App, 'status' | 'name'>> = {},
): App {
  return {
    project: 'shop',
    name,
    createdAt: '2025-12-29T12:00:00.000Z',
    spec: null,
    logs: { out: `/logs/shop/${name}-out.log`, error: `/logs/shop/${name}-error.log` },
    ...rest,
    status: status(overrides),
  };
}

export function appList(...items: readonly App[]): AppList {
  return { apiVersion: 'v1', kind: 'AppList', items };
}
