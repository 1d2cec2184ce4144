import { describe, expect, it } from 'vitest';
import { tooOldFor, unheeded } from '../../../src/targets/kubernetes/live/heeded.ts';
import type { LiveObject } from '../../../src/targets/kubernetes/live/live-object.ts';

const metadata = { name: 'report' };
const sent = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata,
  spec: {
    ...{ schedule: '@daily', timeZone: 'UTC', suspend: false, labels: {} },
    containers: [{ name: 'b', image: 'x', probe: { grpc: { port: 1 } } }],
    args: ['x', 'y'],
  },
};

describe('what a cluster takes no notice of', () => {
  it('is what is not in the object that it would keep', () => {
    const kept: LiveObject = {
      kind: 'CronJob',
      metadata,
      spec: {
        ...{ schedule: '@daily', concurrencyPolicy: 'Allow', args: ['x', 'y'] },
        containers: [{ name: 'a' }, { name: 'b', image: 'x', probe: {} }],
      },
    };
    expect(unheeded(sent, kept)).toMatchObject({
      code: 'TARGET_REFUSED',
      message: 'CronJob/report: the cluster takes no notice of spec.timeZone',
      details: ['spec.containers[0].probe.grpc'],
    });
  });

  it('is nothing where all of it is there, whatever else', () => {
    expect(unheeded(sent, { kind: 'CronJob', metadata, spec: { ...sent.spec, more: 1 } })).toBeNull();
  });
});

describe('a release', () => {
  it('is too old for instances that know their number before 1.28', () => {
    const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata };
    expect(tooOldFor(set, 27)?.message).toContain('came with Kubernetes 1.28, and this is 1.27');
    for (const minor of [28, null]) expect(tooOldFor(set, minor)).toBeNull();
    expect(tooOldFor(sent, 20)).toBeNull();
  });
});
