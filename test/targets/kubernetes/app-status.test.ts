import { describe, expect, it } from 'vitest';
import type { AppObjects } from '../../../src/targets/kubernetes/live/app-objects.ts';
import { liveObject, type LiveObject } from '../../../src/targets/kubernetes/live/live-object.ts';
import { appStatus } from '../../../src/targets/kubernetes/status/app-status.ts';

interface Made {
  readonly kind: LiveObject['kind'];
  readonly name: string;
  readonly owner?: LiveObject;
  /** `hh:mm`: when it was made. */
  readonly at?: string;
  readonly status?: object;
}

function made({ kind, name, owner, at = '00:00', status = {} }: Made): LiveObject {
  const ownerReferences =
    owner === undefined ? [] : [{ kind: owner.kind, uid: `uid-${owner.metadata.name}` }];
  const creationTimestamp = `2026-11-30T${at}:00Z`;
  const metadata = { name, uid: `uid-${name}`, ownerReferences, creationTimestamp };
  const object = liveObject({ metadata, spec: {}, status }, kind);
  if (object === null) throw new Error('no object');
  return object;
}

const cron = made({ kind: 'CronJob', name: 'report' });
const other = made({ kind: 'CronJob', name: 'other' });
const FAILED = {
  conditions: [
    { type: 'FailureTarget', status: 'True' },
    { type: 'Failed', status: 'True', message: 'Job has reached the specified backoff limit' },
  ],
};
const COMPLETE = { conditions: [{ type: 'Complete', status: 'True' }] };

const run = (name: string, at: string, status: object, owner = cron): LiveObject =>
  made({ kind: 'Job', name, owner, at, status });

function pod(owner: LiveObject, phase: string, state: object, isReady = false): LiveObject {
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }];
  const status = { phase, conditions, containerStatuses: [{ name: 'app', state }] };
  return made({ kind: 'Pod', name: `${owner.metadata.name}-x`, owner, status });
}

function statusOf(runs: readonly LiveObject[], pods: readonly LiveObject[] = []) {
  const app = {
    key: 'shop/report',
    spec: {},
    compared: [{ object: cron, live: cron }],
    stale: [],
  } as unknown as AppObjects;
  const { health, why } = appStatus(app, { histories: [], runs, pods, isSynced: true }).status;
  return { health, why };
}

describe('an app with a schedule', () => {
  it('that has not run yet waits for its time', () => {
    expect(statusOf([])).toEqual({ health: 'Completed', why: undefined });
  });

  it('is as its last run ended, not one before it, and not that of another', () => {
    const early = run('report-1', '01:00', FAILED);
    const late = run('report-2', '02:00', COMPLETE);
    const foreign = run('other-3', '03:00', FAILED, other);
    expect(statusOf([late, foreign, early])).toEqual({ health: 'Completed', why: undefined });
  });

  it('whose last run failed says so, with what is known of its end', () => {
    const runs = [run('report-1', '01:00', COMPLETE), run('report-2', '02:00', FAILED)];
    expect(statusOf(runs)).toEqual({
      health: 'Degraded',
      why: 'the last run failed: Job has reached the specified backoff limit (report-2)',
    });
    const [, last] = runs as [LiveObject, LiveObject];
    const ended = pod(last, 'Failed', { terminated: { exitCode: 3, reason: 'Error' } });
    expect(statusOf(runs, [ended])).toEqual({
      health: 'Degraded',
      why: 'the last run failed: exit code 3 (report-2)',
    });
  });

  it('that runs is as its pod is, whatever the run before came to', () => {
    const runs = [run('report-1', '01:00', FAILED), run('report-2', '02:00', {})];
    const [, now] = runs as [LiveObject, LiveObject];
    const running = (isReady: boolean): LiveObject => pod(now, 'Running', { running: {} }, isReady);
    expect(statusOf(runs, [running(true)])).toEqual({ health: 'Healthy', why: undefined });
    expect(statusOf(runs, [running(false)])).toEqual({ health: 'Progressing', why: undefined });
    expect(statusOf(runs)).toEqual({ health: 'Progressing', why: undefined });
  });

  it('says what keeps the pod of a run from its work', () => {
    const now = run('report-1', '01:00', {});
    const state = { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } };
    expect(statusOf([now], [pod(now, 'Pending', state)])).toEqual({
      health: 'Degraded',
      why: 'report-1-x: no such image (ImagePullBackOff)',
    });
  });
});
