import type { App } from '../../../src/api/contract/wire/apps.ts';
import { initialState, type MonitState } from '../../../src/cli/monit/model/state.ts';
import type { Key } from '../../../src/cli/monit/model/keys.ts';
import type { Effect } from '../../../src/cli/monit/model/effects.ts';
import { update, type Input } from '../../../src/cli/monit/model/update.ts';
import { NOW_MS, app, appList, instance } from '../support/fixtures.ts';

/** A handful of apps as they are on a host that has had better days. */
export const APPS: readonly App[] = [
  app('api', {
    desiredInstances: 2,
    readyInstances: 2,
    instances: [0, 1].map((slot) =>
      instance({
        ...{ id: slot, slot, pid: 4242 + slot, cpuPercent: 12.5, revision: 42 },
        figures: {
          requests: 900,
          requestsPerMinute: 6150,
          eventLoopLagMs: 0.4,
          eventLoopLagMaxMs: 3 + slot * 120,
        },
      }),
    ),
  }),
  app('flaky', {
    ...{ sync: 'OutOfSync', health: 'CrashLoop', readyInstances: 0 },
    why: 'exited with code 1 (back-off of 2s, attempt 6)',
    instances: [
      instance({
        ...{ id: 2, pid: null, state: 'exited', ready: false, restarts: 6, startedAt: null },
        ...{ cpuPercent: null, memoryBytes: null, lastRestartAt: '2026-01-01T11:58:00.000Z' },
      }),
    ],
  }),
  app('注文サービス', { instances: [instance({ id: 3, cpuPercent: 0, memoryBytes: 91 * 1024 * 1024 })] }),
  app('evil\u001b[2J\u001b]0;title\u0007', { instances: [instance({ id: 4 })] }),
  app('web', {
    ...{ health: 'Progressing', desiredInstances: 3, readyInstances: 3, why: '1 of 3 updated' },
    rollout: {
      ...{ state: 'progressing', generation: 3, revision: 42, updatedInstances: 1, totalInstances: 3 },
      ...{
        startedAt: '2026-01-01T11:59:30.000Z',
        endedAt: null,
        reason: null,
        message: null,
        pausedBy: null,
      },
    },
    holds: [
      {
        key: 'shop/web',
        slot: 1,
        reason: 'RolloutInProgress',
        message: 'not ready yet, 12s left',
        until: null,
      },
    ] as never,
    instances: [
      instance({ id: 5, slot: 0, pid: 900, revision: 42 }),
      instance({ id: 6, slot: 1, pid: 700, revision: 41, state: 'stopping' }),
      instance({ id: 6, slot: 1, pid: 901, revision: 42, ready: false }),
      instance({ id: 7, slot: 2, pid: 701, revision: 41 }),
    ],
  }),
];

/** A state after these inputs, and what follows from the last of them. */
export function after(
  state: MonitState,
  ...inputs: readonly Input[]
): { state: MonitState; effects: readonly Effect[] } {
  let effects: readonly Effect[] = [];
  for (const input of inputs) ({ state, effects } = update(state, input));
  return { state, effects };
}

export function started(columns = 120, rows = 24, apps: readonly App[] = APPS, readOnly = false): MonitState {
  const state = initialState({ size: { columns, rows }, nowMs: NOW_MS, readOnly });
  const list: Input = { kind: 'list', list: appList(...apps) };
  const tick: Input = { kind: 'tick', nowMs: NOW_MS, sampled: true };
  return after(state, list, tick, tick, tick).state;
}

/** `j`, `Enter` (names of keys begin with a capital letter), … */
export function keys(...pressed: readonly string[]): readonly Input[] {
  return pressed.map((key) => ({ kind: 'key', key: keyOf(key) }));
}

function keyOf(text: string): Key {
  if (text.length === 1) return { char: text };
  return { name: text.replaceAll(/([a-z])([A-Z])/g, '$1-$2').toLowerCase() } as Key;
}
