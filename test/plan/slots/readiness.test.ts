import { describe, expect, it } from 'vitest';
import {
  availableInMs,
  isAvailable,
  withListening,
  withReadiness,
} from '../../../src/plan/slots/readiness.ts';
import { plan } from '../../../src/plan/plan.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { accept, makeApp, makeInstance, makeSpec, NOW, observe, runAll } from '../fixtures.ts';

const app = makeApp('web', { spec: { rollout: { ...makeSpec().rollout, min_ready: 2_000 } } });

describe('an instance is available', () => {
  it.each<[string, Partial<ObservedInstance>, boolean, number | null]>([
    ['not while it starts', { state: 'starting', upMs: 0 }, false, null],
    ['not before it is ready', { upMs: 400 }, false, 2_600],
    ['not when it has just become ready', { upMs: 1_000 }, false, 2_000],
    ['not a moment too soon', { upMs: 2_999 }, false, 1],
    ['when it has been ready for min_ready', { upMs: 3_000 }, true, null],
    ['by being up, also for a controller that has just started', { upMs: 9_000, readyForMs: 0 }, true, null],
    ['by its probes, as long as they have said so', { probedReady: true, readyForMs: 500 }, false, 1_500],
    ['by its probes, when nobody has counted', { probedReady: true, upMs: 1_500 }, false, 500],
    ['not when its probes say no, however long it is up', { probedReady: false }, false, null],
    ['not on its way out', { state: 'stopping' }, false, null],
  ])('%s', (_, fields, available, inMs) => {
    const instance = makeInstance(app, fields);
    expect(isAvailable(instance, app.spec)).toBe(available);
    expect(availableInMs(instance, app.spec)).toBe(inMs);
  });
});

describe('a program that goes into the background', () => {
  const launching = makeInstance(app, { launching: true, upMs: 60_000 });

  it.each([null, true])('is not ready until it is there, whatever else says: %s', (probed) => {
    const instance = withReadiness(launching, probed);
    expect(isAvailable(instance, app.spec)).toBe(false);
    expect(availableInMs(instance, app.spec)).toBeNull();
    const because = expect.stringContaining('has not gone into the background yet') as string;
    expect(instance.notReady).toEqual({ forMs: 60_000, because, isDue: true });
  });
});

describe('listening on shared sockets', () => {
  const cluster = makeApp('web', { spec: { instances: 3, exec_mode: 'cluster' } });
  const [one, two, three] = runAll(cluster, { upMs: 200 }) as [
    ObservedInstance,
    ObservedInstance,
    ObservedInstance,
  ];
  const listening = ['*:3000'];
  const probed = (instances: readonly ObservedInstance[], of = cluster) =>
    withListening(instances, of).map(({ probedReady }) => probedReady);

  it('is being ready, at once, and not listening is not, as long as any other listens', () => {
    expect(probed([{ ...one, listening }, two, { ...three, listening: [] }])).toEqual([true, false, false]);
  });

  it('says nothing when none listens: a worker shares no socket', () => {
    expect(probed([one, { ...two, listening: [] }])).toEqual([null, null]);
    expect(probed([{ ...one, listening, state: 'exited' }, two])).toEqual([null, null]);
  });

  it('is asked of a release of what listened before, also when no process of before is left', () => {
    const rollout = { previous: { ...cluster, slotRestarts: {} }, startedAt: NOW, paused: null };
    const released = { ...cluster, listens: true, rollout } as const;
    expect(probed([one, { ...two, listening }], released)).toEqual([false, true]);
    expect(probed([one], released)).toEqual([false]);
    expect(probed([one], { ...cluster, rollout })).toEqual([null]);
    expect(probed([one], { ...cluster, listens: true })).toEqual([null]);
  });

  it('leaves it to an instance that has a readiness of its own', () => {
    expect(
      probed([
        { ...one, listening, probedReady: false },
        { ...two, probedReady: true },
      ]),
    ).toEqual([false, true]);
  });

  it('does not concern an app that is not in cluster mode, nor its processes from before', () => {
    const fork = makeApp('web');
    expect(probed([{ ...makeInstance(fork), listening }], fork)).toEqual([null]);
    const previous = { ...fork, slotRestarts: {} };
    const changed = {
      ...cluster,
      templateHash: 'cluster',
      rollout: { previous, startedAt: NOW, paused: null },
    };
    const fresh = makeInstance(changed, { listening });
    expect(probed([makeInstance(fork, { slot: 1 }), fresh], changed)).toEqual([null, true]);
  });

  it('is waited for until listen_timeout, and the plan says so', () => {
    const instances = withListening([{ ...one, listening }, { ...two, listening }, three], cluster);
    const made = plan([cluster], observe({ instances, accepted: [accept(cluster)] }), NOW);
    expect(made.holds).toMatchObject([
      {
        slot: 2,
        reason: 'NotListening',
        message: 'not ready for 0.2s, deadline in 30s: does not listen yet',
        until: NOW + 29_800,
      },
    ]);
    expect(made.health[0]).toMatchObject({ readyInstances: 2, converged: false });
  });
});
