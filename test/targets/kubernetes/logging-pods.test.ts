import { describe, expect, it } from 'vitest';
import type { AppObjects } from '../../../src/targets/kubernetes/live/app-objects.ts';
import { liveObject, type LiveObject } from '../../../src/targets/kubernetes/live/live-object.ts';
import { loggingPods } from '../../../src/targets/kubernetes/status/logging-pods.ts';

function there(kind: LiveObject['kind'], name: string, more: object = {}, owner?: LiveObject): LiveObject {
  const ownerReferences =
    owner === undefined ? [] : [{ kind: owner.kind, uid: `uid-${owner.metadata.name}` }];
  const metadata = { name, uid: `uid-${name}`, ownerReferences };
  const object = liveObject({ metadata, ...more }, kind);
  if (object === null) throw new Error('no object');
  return object;
}

const pod = (name: string, phase: string, owner: LiveObject): LiveObject =>
  there('Pod', name, { status: { phase } }, owner);

function appOf(workload: LiveObject): AppObjects {
  return { key: 'shop/it', spec: null, compared: [], stale: [workload] } as unknown as AppObjects;
}

describe('the log of an app', () => {
  it('that is run at times is that of its runs, also of those that are over', () => {
    const cron = there('CronJob', 'it');
    const runs = ['it-1', 'it-2'].map((name) => there('Job', name, {}, cron));
    const [first, second] = runs as [LiveObject, LiveObject];
    const pods = [pod('it-1-a', 'Succeeded', first), pod('it-2-b', 'Running', second)];
    expect(loggingPods(appOf(cron), { histories: [], runs, pods })).toEqual([
      { app: 'shop/it', pod: 'it-1-a', slot: 0, instances: 1 },
      { app: 'shop/it', pod: 'it-2-b', slot: 0, instances: 1 },
    ]);
  });

  it('that serves is that of its pods, also of one that was thrown off its node', () => {
    const deployment = there('Deployment', 'it');
    const set = there('ReplicaSet', 'it-5', {}, deployment);
    const pods = [pod('it-5-a', 'Failed', set), pod('it-5-b', 'Running', set), pod('it-5-c', 'Running', set)];
    expect(loggingPods(appOf(deployment), { histories: [set], runs: [], pods })).toEqual([
      { app: 'shop/it', pod: 'it-5-a', slot: 0, instances: 2 },
      { app: 'shop/it', pod: 'it-5-b', slot: 0, instances: 2 },
      { app: 'shop/it', pod: 'it-5-c', slot: 1, instances: 2 },
    ]);
  });
});
