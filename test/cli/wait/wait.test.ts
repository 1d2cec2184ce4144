import { describe, expect, it } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import { assess } from '../../../src/api/contract/progress/assess.ts';
import type { Progress } from '../../../src/api/contract/progress/progress.ts';
import type { WaitTarget } from '../../../src/api/contract/wire/apply.ts';
import type { Api } from '../../../src/cli/session/api.ts';
import type { FailureLog } from '../../../src/cli/wait/failure-log.ts';
import { waitFailures } from '../../../src/cli/wait/wait-failures.ts';
import { waitForTargets } from '../../../src/cli/wait/wait.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { PROGRESSING, app, appList, instance } from '../support/fixtures.ts';

const target = { app: 'shop/api', generation: 3, gone: false } as const;
const never = new Promise<'timeout'>(() => undefined);

async function* stream(...lists: readonly AppList[]): AsyncGenerator<AppList> {
  yield* lists;
  await Promise.resolve();
}

function wait(streams: AsyncIterable<AppList>[], cutOff: Promise<'timeout' | 'interrupted'> = never) {
  const seen: string[] = [];
  const outcome = waitForTargets({
    targets: [target],
    watch: () => streams.shift() ?? hanging(),
    onProgress: (key, progress: Progress) => seen.push(`${key} ${progress.state}: ${progress.text}`),
    cutOff,
    clock: new FakeClock(),
    pause: () => Promise.resolve(),
  });
  return { outcome, seen };
}

function hanging(): AsyncIterable<AppList> {
  return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
}

describe('a target of an apply', () => {
  it('is done when its generation is reached, in sync and settled', () => {
    expect(assess(target, app('api')).state).toBe('done');
    expect(assess(target, app('api', { health: 'Stopped' })).state).toBe('done');
    expect(assess(target, app('api', { health: 'Completed' })).state).toBe('done');
  });

  it('is waited for while any of these is missing, with what holds it', () => {
    expect(assess(target, undefined).state).toBe('waiting');
    expect(assess(target, app('api', { observedGeneration: 2 })).state).toBe('waiting');
    expect(assess(target, app('api', { sync: 'OutOfSync' })).state).toBe('waiting');
    const hold = {
      key: 'shop/api',
      slot: 0,
      reason: 'DependencyNotReady',
      message: 'dependency db not ready',
      until: null,
    } as const;
    const held = assess(target, app('api', { health: 'Progressing', readyInstances: 0, holds: [hold] }));
    expect(held).toMatchObject({ text: 'Progressing, 0/1 ready (dependency db not ready)' });
  });

  it('is given time in a crash loop, with how the slot that is down ended last', () => {
    const exited = (code: number) => ({ code, signal: null, reason: 'Exited', at: '', error: null }) as const;
    const asked = { ...exited(0), code: null, signal: 'SIGINT', reason: 'StopCompleted' } as const;
    const instances = [
      instance({ slot: 0, lastExit: asked }),
      instance({ slot: 1, ready: false, lastExit: exited(3) }),
    ];
    const hold = {
      key: 'shop/api',
      slot: 1,
      reason: 'BackOff',
      message: 'back-off of 2s',
      until: null,
    } as const;
    const broken = app('api', { health: 'CrashLoop', desiredInstances: 2, instances, holds: [hold] });
    const text = 'CrashLoop: slot 1 exited with code 3 (back-off of 2s)';
    expect(assess(target, broken)).toMatchObject({
      state: 'waiting',
      text,
      crashing: text,
      step: 'crashing',
    });
  });

  it('has failed when it stays down, which is said once', () => {
    const lastExit = { code: 3, signal: null, reason: 'Exited', at: '', error: null } as const;
    const message =
      'exited with code 3, max_restarts is 2; stays down until the next apply, start or restart';
    const hold = { key: 'shop/api', slot: 0, reason: 'MaxRestartsExceeded', message, until: null } as const;
    const instances = [instance({ ready: false, lastExit })];
    expect(assess(target, app('api', { health: 'Failed', instances, holds: [hold] }))).toEqual({
      state: 'failed',
      text: `Failed: ${message}`,
    });
  });

  it('is not assessed by what was before its generation', () => {
    const old = app('api', { health: 'CrashLoop', assessedGeneration: 2, observedGeneration: 2 });
    expect(assess(target, old).state).toBe('waiting');
  });

  it('that is to go is done when it is not listed any more', () => {
    const gone = { ...target, gone: true };
    expect(assess(gone, app('api')).state).toBe('waiting');
    expect(assess(gone, undefined).state).toBe('done');
  });
});

describe('a rollout', () => {
  const rollout = PROGRESSING;
  const asked = { ...target, revision: 42 } as const;
  const failure = { reason: 'Exited', message: 'slot 0 exited with code 1 after 0.2s', slot: 0 } as const;
  const why = failure.message;

  it('is told by how many are updated', () => {
    const under = { rollout, sync: 'OutOfSync', health: 'Progressing' } as const;
    expect(assess(asked, app('api', under))).toMatchObject({ text: '1 of 4 updated', isRollout: true });
    const held = { ...rollout, state: 'paused', pausedBy: 'ann' } as const;
    expect(assess(asked, app('api', { ...under, rollout: held }))).toMatchObject({
      state: 'waiting',
      text: 'paused by ann: 1 of 4 updated (stateward rollout resume shop/api)',
    });
  });

  it('is told by the slot that is in replacement, whatever its new instance is short of', () => {
    const held = (reason: 'NotListening' | 'MinReady', message: string) => {
      const more = {
        reason: 'RolloutInProgress',
        message: 'rollout: 2 slots to replace',
        until: null,
      } as const;
      const holds = [
        { key: 'shop/api', slot: 1, reason, message, until: null },
        { key: 'shop/api', slot: null, ...more },
      ] as const;
      return assess(asked, app('api', { rollout, sync: 'OutOfSync', holds }));
    };
    const first = held('NotListening', 'not ready for 0.2s');
    expect(first).toMatchObject({ text: '1 of 4 updated (slot 1: not ready for 0.2s)' });
    const second = held('MinReady', 'ready, 0.4s to go');
    expect(second).toMatchObject({ text: '1 of 4 updated (slot 1: ready, 0.4s to go)' });
    const line = '1 of 4 updated, slot 1: starting the new instance';
    expect([first, second].map((it) => 'line' in it && it.line)).toEqual([line, line]);
    expect('step' in first && 'step' in second && first.step === second.step).toBe(true);
  });

  it('is not given up for what the app is while a process leaves, or before what follows from a failure', () => {
    const broken = { rollout, health: 'CrashLoop', sync: 'OutOfSync' } as const;
    expect(assess(asked, app('api', broken))).toMatchObject({ crashing: 'CrashLoop' });
    const leaving = [instance({ state: 'stopping' })];
    expect(assess(asked, app('api', { ...broken, instances: leaving }))).not.toHaveProperty('crashing');
    const hold = {
      key: 'shop/api',
      slot: null,
      reason: 'RolloutFailed',
      message: 'so',
      until: null,
    } as const;
    expect(assess(asked, app('api', { ...broken, holds: [hold] }))).not.toHaveProperty('crashing');
  });

  it('that failed is told once the version before is back', () => {
    const back = {
      generation: 4,
      revision: 41,
      rollout: { ...rollout, ...failure, state: 'failed' },
    } as const;
    const going = assess(asked, app('api', { ...back, readyInstances: 0 }));
    expect(going).toMatchObject({ state: 'waiting', rolloutFailure: { why, slot: 0, hasExited: true } });
    const done = { ...back, assessedGeneration: 4, observedGeneration: 4 };
    expect(assess(asked, app('api', done))).toEqual({
      state: 'rollout-failed',
      text: why,
      now: 'back on revision 41, 1/1 ready',
      place: { slot: 0, hasExited: true },
      isPaused: false,
    });
    expect(assess(asked, app('api', { ...done, health: 'CrashLoop' }))).toEqual({
      state: 'failed',
      text: `${why}; back on revision 41: CrashLoop`,
    });
  });

  it('that failed and waits for somebody is told at once', () => {
    const paused = { ...rollout, ...failure, state: 'paused', pausedBy: 'stateward' } as const;
    expect(assess(asked, app('api', { rollout: paused, sync: 'OutOfSync' }))).toEqual({
      state: 'rollout-failed',
      text: why,
      now: 'paused: 1 of 4 updated',
      place: { slot: 0, hasExited: true },
      isPaused: true,
    });
  });

  it('that failed before is of no interest to what was asked for since', () => {
    const before = { ...rollout, ...failure, generation: 2, revision: 41, state: 'failed' } as const;
    expect(assess(asked, app('api', { rollout: before })).state).toBe('done');
  });

  it('is superseded by another declaration that was accepted later', () => {
    const newer = app('api', { generation: 4, revision: 43 });
    expect(assess(asked, newer)).toEqual({
      state: 'superseded',
      text: 'superseded by revision 43',
      revision: 43,
    });
    const itsFailure = { ...rollout, ...failure, generation: 4, revision: 43, state: 'failed' } as const;
    const gaveUp = app('api', { generation: 5, revision: 41, rollout: itsFailure });
    expect(assess(asked, gaveUp).state).toBe('superseded');
    expect(assess(asked, app('api', { generation: 4 })).state).not.toBe('superseded');
    expect(assess(target, newer).state, 'a daemon that names no revision').not.toBe('superseded');
  });

  it('that failed is told when the other targets have ended too', async () => {
    const back = {
      ...{ generation: 4, revision: 41, assessedGeneration: 4, observedGeneration: 4 },
      rollout: { ...rollout, ...failure, state: 'failed' } as const,
    };
    const lists = [
      appList(app('api', back), app('web', { health: 'Progressing' })),
      appList(app('api', back), app('web')),
    ];
    const seen: string[] = [];
    const outcome = waitForTargets({
      targets: [asked, { ...target, app: 'shop/web' }],
      watch: () => stream(...lists),
      onProgress: (key, { state }) => seen.push(`${key} ${state}`),
      cutOff: never,
      clock: new FakeClock(),
      pause: () => Promise.resolve(),
    });
    expect(await outcome).toMatchObject({
      kind: 'failed',
      statuses: [{ progress: { state: 'rollout-failed' } }, { progress: { state: 'done' } }],
    });
    expect(seen).toEqual(['shop/api rollout-failed', 'shop/web waiting', 'shop/web done']);
  });
});

describe('waiting', () => {
  it('ends when every target has converged, telling every change once', async () => {
    const progressing = appList(app('api', { health: 'Progressing', readyInstances: 0, sync: 'OutOfSync' }));
    const { outcome, seen } = wait([stream(progressing, progressing, appList(app('api')))]);
    expect(await outcome).toEqual({ kind: 'converged' });
    expect(seen).toEqual(['shop/api waiting: Progressing, 0/1 ready', 'shop/api done: Healthy, 1/1 ready']);
  });

  it('tells a step once, however its times pass, and nothing of what was so from the start', async () => {
    const held = (message: string, readyInstances: number) =>
      appList(
        app('api', {
          health: 'Progressing',
          readyInstances,
          holds: [{ key: 'shop/api', slot: 0, reason: 'MinUptime', message, until: null }],
        }),
      );
    const lists = [held('2s left', 0), held('1s left', 0), held('1s left', 1), appList(app('api'))];
    const steps = wait([stream(...lists)]);
    await steps.outcome;
    expect(steps.seen).toEqual([
      'shop/api waiting: Progressing, 0/1 ready (2s left)',
      'shop/api waiting: Progressing, 1/1 ready (1s left)',
      'shop/api done: Healthy, 1/1 ready',
    ]);
    const unchanged = wait([stream(appList(app('api')))]);
    expect(await unchanged.outcome).toEqual({ kind: 'converged' });
    expect(unchanged.seen).toEqual([]);
  });

  it('fails as soon as a target has failed', async () => {
    const { outcome } = wait([stream(appList(app('api', { health: 'Failed' })), appList(app('api')))]);
    expect(await outcome).toEqual({
      kind: 'failed',
      statuses: [{ app: 'shop/api', progress: { state: 'failed', text: 'Failed' } }],
    });
  });

  it('ends when no daemon has answered for long, and not while one is being replaced', async () => {
    const clock = new FakeClock();
    const gone = stream();
    const progressing = appList(app('api', { health: 'Progressing', readyInstances: 0, sync: 'OutOfSync' }));
    let attempts = 0;
    const outcome = await waitForTargets({
      targets: [target],
      watch: () => (attempts++ === 50 ? stream(progressing) : gone),
      onProgress: () => undefined,
      cutOff: never,
      clock,
      pause: () => {
        clock.advance(500);
        return Promise.resolve();
      },
    });
    expect(outcome).toMatchObject({ kind: 'lost', statuses: [{ app: 'shop/api' }] });
    expect(clock.monotonic()).toBeGreaterThanOrEqual(50 * 500 + 30_000);
  });

  const other = { ...target, app: 'shop/web' } as const;
  const failed = app('api', { health: 'Failed' });
  const comingUp = app('web', { health: 'Progressing', readyInstances: 0 });

  /** A wait for two apps, whose lists are pushed. */
  function waitForTwo(first: WaitTarget = target) {
    const clock = new FakeClock();
    const lists: AppList[] = [];
    let wake: () => void = () => undefined;
    const watch = async function* (): AsyncGenerator<AppList> {
      for (;;) {
        const next = lists.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    };
    const seen: string[] = [];
    const outcome = waitForTargets({
      ...{ targets: [first, other], watch, cutOff: never, clock, pause: () => Promise.resolve() },
      onProgress: (key, { state }) => seen.push(`${key} ${state}`),
    });
    const push = async (list: AppList): Promise<void> => {
      lists.push(list);
      wake();
      await new Promise((resolve) => setImmediate(resolve));
    };
    const advance = async (ms: number): Promise<void> => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { outcome, seen, push, advance };
  }

  it('goes on for the others when one has failed, and tells what became of them', async () => {
    const { outcome, seen, push } = waitForTwo();
    await push(appList(failed, comingUp));
    await push(appList(failed, app('web')));
    expect(await outcome).toMatchObject({
      kind: 'failed',
      statuses: [{ progress: { state: 'failed' } }, { progress: { state: 'done' } }],
    });
    expect(seen).toEqual(['shop/api failed', 'shop/web waiting', 'shop/web done']);
  });

  it('does not wait for an app that waits for the one that has failed', async () => {
    const hold = { reason: 'DependencyNotReady', message: 'dependency api not ready', until: null } as const;
    const holds = [{ ...hold, key: 'shop/web', slot: null, blockedBy: 'shop/api' }] as const;
    const { outcome, push } = waitForTwo();
    await push(appList(failed, app('web', { health: 'Progressing', readyInstances: 0, holds })));
    expect(await outcome).toMatchObject({ kind: 'failed' });
  });

  it('waits for a rollout to go back that fails with its job, and then says that rollouts have failed', async () => {
    const hold = { reason: 'DependencyNotReady', message: 'dependency api not ready', until: null } as const;
    const holds = [{ ...hold, key: 'shop/web', slot: null, blockedBy: 'shop/api' }] as const;
    const { outcome, push } = waitForTwo({ ...target, releases: ['shop/web'] });
    await push(appList(failed, app('web', { holds, rollout: PROGRESSING, observedGeneration: 2 })));
    const went = { reason: 'JobFailed', message: 'job api failed', state: 'failed' } as const;
    const back = { generation: 4, assessedGeneration: 4, observedGeneration: 4 } as const;
    await push(appList(failed, app('web', { ...back, rollout: { ...PROGRESSING, ...went } })));
    const ended = await outcome;
    expect(ended).toMatchObject({
      kind: 'failed',
      statuses: [{ progress: { state: 'failed' } }, { progress: { state: 'rollout-failed' } }],
    });
    if (ended.kind !== 'failed') return;
    const log = { linesOf: () => Promise.resolve([]) } as unknown as FailureLog;
    const failures = await waitFailures(ended.statuses, {} as Api, log);
    expect(failures?.map(({ code }) => code)).toEqual(['ROLLOUT_FAILED', 'APP_FAILED']);
  });

  it('has an end for others that neither come up nor fail', async () => {
    const { outcome, push, advance } = waitForTwo();
    await push(appList(failed, comingUp));
    await advance(30_000);
    expect(await outcome).toMatchObject({
      kind: 'failed',
      statuses: [{ progress: { state: 'failed' } }, { progress: { state: 'waiting' } }],
    });
  });

  it('gives an app that keeps crashing ten seconds to heal', async () => {
    const crashing = app('api', { health: 'CrashLoop', readyInstances: 0 });
    const healing = waitForTwo();
    await healing.push(appList(crashing, app('web')));
    await healing.advance(9_000);
    await healing.push(appList(app('api'), app('web')));
    expect(await healing.outcome).toEqual({ kind: 'converged' });

    const lasting = waitForTwo();
    await lasting.push(appList(crashing, app('web')));
    await lasting.advance(5_000);
    // Up again and not ready: no end of the crashing.
    await lasting.push(appList(app('api', { health: 'Progressing', readyInstances: 0 }), app('web')));
    await lasting.push(appList(crashing, app('web')));
    await lasting.advance(5_000);
    expect(await lasting.outcome).toMatchObject({
      kind: 'failed',
      statuses: [{ progress: { state: 'failed', isCrashing: true } }, { progress: { state: 'done' } }],
    });
    expect(lasting.seen).toContain('shop/api failed');
  });

  it('ends when somebody has taken a target out that was there', async () => {
    const progressing = appList(app('api', { health: 'Progressing' }));
    const { outcome } = wait([stream(appList(), progressing, appList())]);
    expect(await outcome).toEqual({
      kind: 'failed',
      statuses: [{ app: 'shop/api', progress: { state: 'superseded', text: 'removed', revision: null } }],
    });
  });

  it('opens a stream that ended or broke again', async () => {
    async function* broken(): AsyncGenerator<AppList> {
      yield appList(app('api', { observedGeneration: 2 }));
      await Promise.resolve();
      throw new Error('the daemon went away');
    }
    const { outcome } = wait([broken(), stream(), stream(appList(app('api')))]);
    expect(await outcome).toEqual({ kind: 'converged' });
  });

  it('says at a timeout what it waited for', async () => {
    let expire: (kind: 'timeout') => void = () => undefined;
    const cutOff = new Promise<'timeout'>((resolve) => {
      expire = resolve;
    });
    async function* stuck(): AsyncGenerator<AppList> {
      yield appList(app('api', { health: 'Progressing', readyInstances: 0 }));
      expire('timeout');
      await never;
    }
    const { outcome } = wait([stuck()], cutOff);
    expect(await outcome).toMatchObject({
      kind: 'timeout',
      statuses: [{ app: 'shop/api', progress: { state: 'waiting', text: 'Progressing, 0/1 ready' } }],
    });
  });

  it('stops at an interrupt even before anything was heard', async () => {
    const { outcome } = wait([], Promise.resolve('interrupted'));
    expect((await outcome).kind).toBe('interrupted');
  });
});
