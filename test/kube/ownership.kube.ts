import { describe, expect, it } from 'vitest';
import { LabCluster } from './lab/cluster.ts';

const API = { name: 'api', script: './api.js', instances: 2 };

describe('fields of others', () => {
  it('are named with who has set them, and taken over when asked', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API]);
    await cluster.there('apply');
    await cluster.change('deployments', 'api', { spec: { minReadySeconds: 9 } });
    cluster.declareThere([{ ...API, rollout: { min_ready: 3000 } }]);
    const conflict = await cluster.there('apply');
    expect([conflict.code, conflict.stderr]).toEqual([
      6,
      expect.stringContaining('Deployment/api: spec.minReadySeconds is set by hand'),
    ]);
    expect((await cluster.there('plan')).code).toBe(6);
    expect((await cluster.there('apply', '--force-conflicts')).code).toBe(0);
    expect((await cluster.there('plan', '--detailed-exitcode')).code).toBe(0);
  });

  it('that the file does not name stay, and are no difference', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API]);
    await cluster.there('apply');
    await cluster.change('deployments', 'api', {
      metadata: { annotations: { 'team.example/owner': 'ann' } },
    });
    expect((await cluster.there('plan', '--detailed-exitcode')).code).toBe(0);
    cluster.declareThere([{ ...API, version: '2' }]);
    expect((await cluster.there('apply')).code).toBe(0);
    expect(await cluster.find('deployments', 'api')).toMatchObject({
      metadata: { annotations: { 'team.example/owner': 'ann' } },
    });
  });

  it('are those of an autoscaler where there is one: the number of instances', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API]);
    await cluster.there('apply');
    await cluster.api.ok('POST', cluster.pathOf('horizontalpodautoscalers'), {
      metadata: { name: 'api' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
        ...{ minReplicas: 4, maxReplicas: 8, targetCPUUtilizationPercentage: 80 },
      },
    });
    const replicas = async (): Promise<unknown> =>
      ((await cluster.find('deployments', 'api'))?.['spec'] as { replicas?: number }).replicas;
    await cluster.until(async () => (await replicas()) === 4);
    const plan = await cluster.there('plan', '--detailed-exitcode');
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining('No changes.')]);
    cluster.declareThere([{ ...API, version: '2' }]);
    const rolled = await cluster.there('apply');
    expect([rolled.code, rolled.stdout]).toEqual([
      0,
      expect.stringContaining('number of instances of api is left to its autoscaler'),
    ]);
    expect(await replicas()).toBe(4);
  });

  it('are read by who may read', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API]);
    await cluster.there('apply');
    cluster.declareThere([API], { context: 'lab-ann' });
    const nothing = await cluster.there('get');
    expect([nothing.code, nothing.stderr]).toEqual([77, expect.stringContaining('auth can-i')]);
    await cluster.api.ok(
      'POST',
      `/apis/rbac.authorization.k8s.io/v1/namespaces/${cluster.namespace}/rolebindings`,
      {
        metadata: { name: 'ann' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }],
      },
    );
    await cluster.until(async () => (await cluster.there('get')).code === 0);
    expect((await cluster.there('get')).stdout).toMatch(/api +Unknown +Healthy +2\/2/);
    expect((await cluster.there('logs', 'api', '-n', '1', '--raw')).stdout).toContain('words 3 of api-');
    const plan = await cluster.there('plan');
    expect([plan.code, plan.stderr]).toEqual([77, expect.stringContaining('cannot patch')]);
  });
});
