import type {
  App,
  AppList,
  AppStatus,
  InstanceStatus,
  RolloutInfo,
} from '../../../src/api/contract/wire/apps.ts';
import type { EventInfo } from '../../../src/api/contract/wire/events.ts';

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

/** A process of shop/api has ended: the one event that tests show. */
export const EXITED = {
  seq: 7,
  at: '2026-01-01T11:59:00.000Z',
  level: 'warning',
  reason: 'Exited',
  message: 'exited with code 1',
  key: 'shop/api',
  slot: 0,
  pid: 4242,
  generation: 3,
} as const satisfies EventInfo;

/** A rollout that is under way, with one of four instances updated. */
export const PROGRESSING = {
  state: 'progressing',
  generation: 3,
  revision: 42,
  updatedInstances: 1,
  totalInstances: 4,
  startedAt: '2026-01-01T11:59:00.000Z',
  endedAt: null,
  reason: null,
  message: null,
  pausedBy: null,
} as const satisfies RolloutInfo;
