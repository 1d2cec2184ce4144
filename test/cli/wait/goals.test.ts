import { describe, expect, it } from 'vitest';
import type { AppStatus } from '../../../src/api/contract/wire/apps.ts';
import { GOALS, WAIT_GOALS, type WaitGoal } from '../../../src/cli/wait/goals.ts';
import { PROGRESSING, app, instance } from '../support/fixtures.ts';

const target = { app: 'shop/api', generation: 3, gone: false } as const;

function stateOf(goal: WaitGoal, status: Partial<AppStatus> | null): string {
  return GOALS[goal](target, status === null ? undefined : app('api', status), true).state;
}

const down = { instances: [instance({ pid: null, state: 'exited', ready: false })], readyInstances: 0 };
const none = { instances: [], readyInstances: 0, desiredInstances: 0 };
const stopped = { ...none, health: 'Stopped' } as const;
const completed = { ...down, health: 'Completed' } as const;
const failed = { ...down, health: 'Failed', sync: 'OutOfSync' } as const;
const crashing = { ...down, health: 'CrashLoop', sync: 'OutOfSync' } as const;
const waitsForJob = { ...none, health: 'Degraded' } as const;

describe('what is waited for', () => {
  it.each<[string, Partial<AppStatus> | null, Readonly<Record<WaitGoal, string>>]>([
    ['healthy', {}, { ready: 'done', completed: 'waiting', stopped: 'waiting', gone: 'waiting' }],
    [
      'coming up',
      { health: 'Progressing', readyInstances: 0 },
      { ready: 'waiting', completed: 'waiting', stopped: 'waiting', gone: 'waiting' },
    ],
    [
      'rolled out',
      { health: 'Progressing', rollout: PROGRESSING },
      { ready: 'waiting', completed: 'waiting', stopped: 'waiting', gone: 'waiting' },
    ],
    ['stopped', stopped, { ready: 'failed', completed: 'failed', stopped: 'done', gone: 'waiting' }],
    ['completed', completed, { ready: 'failed', completed: 'done', stopped: 'done', gone: 'waiting' }],
    ['failed', failed, { ready: 'failed', completed: 'failed', stopped: 'done', gone: 'waiting' }],
    [
      'between two crashes',
      crashing,
      { ready: 'waiting', completed: 'waiting', stopped: 'waiting', gone: 'waiting' },
    ],
    [
      'a job whose last run failed',
      waitsForJob,
      { ready: 'failed', completed: 'failed', stopped: 'done', gone: 'waiting' },
    ],
    [
      'stopping',
      { ...stopped, instances: [instance({ state: 'stopping' })] },
      {
        ready: 'failed',
        completed: 'failed',
        stopped: 'waiting',
        gone: 'waiting',
      },
    ],
    ['removed', null, { ready: 'superseded', completed: 'superseded', stopped: 'done', gone: 'done' }],
  ])('of an app that is %s', (_, status, states) => {
    expect(Object.fromEntries(WAIT_GOALS.map((goal) => [goal, stateOf(goal, status)]))).toEqual(states);
  });

  it('is not judged by what was known of an older declaration', () => {
    const old = { health: 'Completed', assessedGeneration: 2, observedGeneration: 2, ...down } as const;
    expect(stateOf('completed', old)).toBe('waiting');
    expect(stateOf('ready', { assessedGeneration: 2 })).toBe('waiting');
  });

  it('is never gone while processes of it are left that do not end', () => {
    const hold = {
      key: 'shop/api',
      slot: 0,
      reason: 'SurvivorsLeft',
      message: 'pid 7 does not end',
      until: null,
    } as const;
    expect(GOALS.gone(target, app('api', { holds: [hold] }))).toMatchObject({
      state: 'failed',
      text: expect.stringContaining('pid 7 does not end') as string,
    });
  });
});
