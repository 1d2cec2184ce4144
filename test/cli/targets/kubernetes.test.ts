import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import type { PlanDocument } from '../../../src/api/contract/wire/plan.ts';
import { FakeCluster, type Mode } from '../../targets/kubernetes/fake/cluster.ts';

const API = { name: 'api', script: './api.js', instances: 2, env: { MODE: 'fast' } };
const DB = { name: 'db', script: './db.js' };

describe('plan and apply', () => {
  it('make what is declared, in the order of what depends on what', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([{ ...API, port: 3000, depends_on: ['db'] }, DB]);
    const plan = await cluster.there('plan', '--detailed-exitcode');
    expect(plan.code).toBe(2);
    expect(plan.stderr).toContain('kubernetes: context lab, namespace shop');
    expect(plan.stdout).toBe(`shop  (context lab, namespace shop, ecosystem.yaml)
  + api           create     2 instances
  + db            create     1 instance
Plan: 2 to create, 0 unchanged. 3 processes touched, 0 not.
`);
    expect(cluster.state.asked).toEqual([]);
    const applied = await cluster.there('apply');
    expect([applied.code, applied.stderr]).toEqual([0, expect.stringContaining('shop/api: applied')]);
    const order = cluster.state.asked.filter((line) => line.includes('deployments'));
    expect(order).toEqual(['apply deployments/db', 'apply deployments/api']);
  });

  it('do nothing twice', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([{ ...API, port: 3000 }, DB]);
    await cluster.there('apply');
    const again = await cluster.there('plan', '--detailed-exitcode');
    expect([again.code, again.stdout]).toEqual([
      0,
      'No changes. What runs is what is declared. 0 processes touched.\n',
    ]);
    const before = cluster.state.asked.length;
    expect((await cluster.there('apply')).stdout).toBe('Nothing to do, 2 unchanged. 0 processes touched.\n');
    expect(cluster.state.asked).toHaveLength(before);
    expect((await cluster.there('diff')).code).toBe(0);
  });

  it('say what changes in the words of the file, and touch that alone', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API, DB]);
    await cluster.there('apply');
    cluster.change((state) => (state.asked = []));
    cluster.declareThere([{ ...API, instances: 3, env: { MODE: 'slow', API_TOKEN: 'hunter2' } }, DB]);
    const plan = await cluster.there('plan', '-o', 'json');
    expect(plan.text).not.toContain('hunter2');
    const { changes, target } = JSON.parse(plan.stdout) as PlanDocument;
    expect(target).toEqual({ name: 'kubernetes', context: 'lab', namespace: 'shop', image: null });
    expect(changes).toMatchObject([
      { app: 'shop/api', kind: 'roll', instancesBefore: 2, instancesAfter: 3, touches: 3 },
      { app: 'shop/db', kind: 'unchanged' },
    ]);
    expect(changes[0]?.fields).toContainEqual({
      ...{ path: 'env.MODE', before: 'fast', after: 'slow', class: 'template', redacted: false },
    });
    const diff = await cluster.there('diff');
    expect(diff.code).toBe(1);
    expect(diff.stdout).toContain('--- live/shop/api\n+++ declared/shop/api\n');
    expect(diff.stdout).toMatch(/^-\s+replicas: 2\n\+\s+replicas: 3$/m);
    expect((await cluster.there('apply')).code).toBe(0);
    expect(cluster.state.asked.filter((line) => line.includes('db'))).toEqual([]);
  });

  it('keep the variables that an earlier version may be taken back with, and remove what is not declared', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([{ ...API, port: 3000 }, DB]);
    await cluster.there('apply');
    cluster.declareThere([{ ...API, env: { MODE: 'slow' } }]);
    const plan = await cluster.there('plan');
    expect(plan.stdout).toContain('Service: "api" → (not set)');
    expect(plan.stdout).toMatch(/- db +remove +1 instance \(not in ecosystem.yaml any more\)/);
    expect((await cluster.there('apply', '--no-prune')).code).toBe(0);
    expect(Object.keys(cluster.state.objects)).toEqual(
      expect.arrayContaining(['deployments/db', 'services/api']),
    );
    expect((await cluster.there('apply')).code).toBe(0);
    const left = Object.keys(cluster.state.objects);
    expect(left).not.toContain('deployments/db');
    expect(left.filter((key) => key.startsWith('configmaps/'))).toHaveLength(2);
  });

  it('refuse to wipe, and what carries the labels but was made by somebody else stays', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API, { ...DB, protect: true }]);
    await cluster.there('apply');
    cluster.declareThere([API]);
    const guarded = await cluster.there('apply');
    expect([guarded.code, guarded.stderr]).toEqual([6, expect.stringContaining('error[PROTECTED]')]);
    expect((await cluster.there('plan')).code).toBe(6);
    cluster.change(({ managers, objects }) => {
      managers['deployments/db'] = { kubectl: {} };
      const [, db] = Object.entries(objects).find(([key]) => key === 'deployments/db') ?? [];
      (db?.metadata as { managedFields?: unknown }).managedFields = [
        { manager: 'kubectl', operation: 'Apply' },
      ];
    });
    expect((await cluster.there('apply')).code).toBe(0);
    expect(Object.keys(cluster.state.objects)).toContain('deployments/db');
  });

  it('hold a saved plan against what is there', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API]);
    await cluster.there('apply');
    cluster.declareThere([API], 'registry.test/shop:2');
    writeFileSync(join(cluster.folder, 'plan.json'), (await cluster.there('plan', '-o', 'json')).stdout);
    const onHost = await cluster.run(['apply', 'plan.json']);
    expect([onHost.code, onHost.stderr]).toEqual([
      64,
      expect.stringContaining('--target kubernetes plan.json'),
    ]);
    expect((await cluster.there('apply', 'plan.json')).code).toBe(0);
    const stale = await cluster.there('apply', 'plan.json');
    expect(stale.code).toBe(5);
    expect(stale.stderr).toContain('shop/api: Deployment/api has changed');
  });

  it('name who has set a field, and take it over when asked', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API]);
    await cluster.there('apply');
    cluster.change(({ managers }) => {
      managers['deployments/api'] = {
        ...managers['deployments/api'],
        hand: { spec: { minReadySeconds: 9 } },
      };
    });
    cluster.declareThere([{ ...API, rollout: { min_ready: 3 } }]);
    const conflict = await cluster.there('apply');
    expect(conflict.code).toBe(6);
    expect(conflict.stderr).toContain('Deployment/api: spec.minReadySeconds is set by hand');
    expect((await cluster.there('plan')).code).toBe(6);
    expect((await cluster.there('apply', '--force-conflicts')).code).toBe(0);
  });

  it('leave the number of instances to an autoscaler', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API]);
    await cluster.there('apply');
    cluster.change(({ objects, managers }) => {
      const target = { kind: 'Deployment', name: 'api' };
      objects['horizontalpodautoscalers/api'] = {
        metadata: { name: 'api' },
        spec: { scaleTargetRef: target },
      };
      const own = managers['deployments/api']?.['stateward'] as { spec: { replicas?: number } };
      own.spec.replicas = 7;
      (objects['deployments/api']?.spec as { replicas: number }).replicas = 7;
    });
    expect((await cluster.there('plan')).stdout).toContain('No changes.');
    cluster.declareThere([{ ...API, version: '2' }]);
    expect((await cluster.there('plan')).stdout).toContain(
      'number of instances of api is left to its autoscaler',
    );
    expect((await cluster.there('apply')).code).toBe(0);
    expect(cluster.state.objects['deployments/api']?.spec).toMatchObject({ replicas: 7 });
  });
});

describe('a rollout that fails', () => {
  it.each([
    ['crash', 'keeps ending: exit code 7 (CrashLoopBackOff)', 'words of api-'],
    ['nopull', 'Back-off pulling image (ImagePullBackOff)', 'pod api-'],
    ['late', 'no progress within', ''],
  ])('is taken back when its pods are like %s, and never gone back to', async (how, why, more) => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API, { name: 'web', script: './web.js', depends_on: ['api'] }]);
    await cluster.there('apply');
    const before = cluster.state.objects['deployments/api']?.spec;
    const failed = await cluster.there('apply', '--image', `registry.test/shop:${how}`);
    expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining(why)]);
    expect(failed.stderr).toContain(more);
    expect(failed.stderr).not.toContain('abcdefghijklmnop');
    expect(failed.stderr).toContain('left as they were, since they depend on what has failed: shop/web');
    expect(cluster.state.objects['deployments/api']?.spec).toEqual(before);
    expect((await cluster.there('plan', '--detailed-exitcode')).code).toBe(0);
    const back = await cluster.there('rollback', 'api');
    expect([back.code, back.stderr]).toEqual([
      1,
      expect.stringContaining('has no version before the present one'),
    ]);
  });

  it('stays where nothing ran before, with another exit code', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API], 'registry.test/shop:crash');
    const failed = await cluster.there('apply');
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('error[APP_FAILED]')]);
    expect(Object.keys(cluster.state.objects)).toContain('deployments/api');
  });

  it('is waited for no longer than asked, and stays', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API], 'registry.test/shop:slow');
    const late = await cluster.there('apply', '--timeout', '1s');
    expect([late.code, late.stderr]).toEqual([
      4,
      expect.stringContaining('the cluster goes on with what was applied'),
    ]);
    expect((await cluster.there('rollout', 'status', '-w', '--timeout', '1s')).code).toBe(4);
  });
});

describe('what is of somebody else', () => {
  it('is not taken over by another project, not even by force, and not shown or removed as its own', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([{ ...API, port: 3000 }]);
    await cluster.there('apply');
    cluster.declareThere([{ ...API, port: 3000 }, DB], 'registry.test/other:1', 'other');
    const before = cluster.state.objects;
    for (const args of [['plan'], ['apply'], ['apply', '--force-conflicts']]) {
      const { code, stderr } = await cluster.there(...args);
      if (args[0] === 'apply') expect(code).toBe(6);
      expect(stderr).toContain('Deployment/api: it is of the project shop');
      expect(stderr).toContain('targets.kubernetes.namespace');
    }
    const { items } = JSON.parse((await cluster.there('get', '-o', 'json')).stdout) as AppList;
    expect(items.map(({ name, status }) => [name, status.health])).toEqual([
      ['api', 'Missing'],
      ['db', 'Missing'],
    ]);
    await cluster.there('delete', 'all');
    expect(cluster.state.objects).toEqual(before);
  });

  it('and was never applied by stateward stays when an app of its name is deleted', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([{ ...API, port: 3000 }]);
    cluster.change(({ objects }) => (objects['services/api'] = { metadata: { name: 'api' } }));
    await cluster.there('delete', 'all');
    expect(Object.keys(cluster.state.objects)).toEqual(['services/api']);
  });
});

describe('the other verbs', () => {
  it('show, go back and remove', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API, DB]);
    await cluster.there('apply');
    cluster.declareThere([API], 'registry.test/shop:2');
    await cluster.there('apply', '--no-prune');
    const list = JSON.parse((await cluster.there('get', '-o', 'json')).stdout) as AppList;
    expect(list.items).toMatchObject([
      {
        ...{ project: 'shop', name: 'api' },
        status: { sync: 'Synced', health: 'Healthy', readyInstances: 2, desiredInstances: 2, revision: 2 },
      },
      {
        name: 'db',
        status: {
          sync: 'OutOfSync',
          health: 'Healthy',
          why: expect.stringContaining('not declared') as string,
        },
      },
    ]);
    expect((await cluster.there('get')).stdout).toMatch(/db +OutOfSync +Healthy +1\/1/);
    expect((await cluster.there('logs', 'shop/api', '-n', '1', '--raw')).stdout).toBe(
      'token=abcdefghijklmnop\n',
    );
    const followed = await cluster.there('logs', 'shop/api', '-f', '-n', '1', '--raw');
    expect([followed.code, followed.stdout]).toEqual([0, 'token=abcdefghijklmnop\n']);
    expect((await cluster.there('rollout', 'status', 'api')).stdout).toMatch(/shop\/api +succeeded +2 +2\/2/);
    const back = await cluster.there('rollback', 'api');
    expect([back.code, back.stdout]).toEqual([0, 'shop/api  back at revision 1\n']);
    expect((await cluster.there('get', 'api')).stdout).toContain('OutOfSync');
    expect((await cluster.there('delete', 'api', 'db')).stdout).toBe('shop/api  removed\nshop/db  removed\n');
    expect(Object.keys(cluster.state.objects)).toEqual([]);
    for (const verb of ['get', 'logs', 'rollback', 'delete']) {
      const { code, stderr } = await cluster.there(verb, 'nobody');
      expect([verb, code, stderr]).toEqual([verb, 1, expect.stringContaining('no app is called nobody')]);
    }
  });

  it('show the log of runs of a schedule that are over', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([{ name: 'tick', script: './job.js', schedule: '* * * * *' }]);
    await cluster.there('apply');
    cluster.change(({ objects }) => {
      const { uid, labels } = objects['cronjobs/tick']?.metadata ?? {};
      const made = (name: string, owner: unknown): object => ({
        name,
        uid: `uid-${name}`,
        labels,
        ownerReferences: [{ uid: owner }],
      });
      Object.assign(objects, {
        'jobs/tick-1': { metadata: made('tick-1', uid) },
        'pods/tick-1-a': { metadata: made('tick-1-a', 'uid-tick-1'), status: { phase: 'Succeeded' } },
      });
    });
    expect((await cluster.there('logs', 'tick', '-n', '1', '--raw')).stdout).toBe('token=abcdefghijklmnop\n');
  });

  it('say how a file is named where -f means something else', async () => {
    await using cluster = new FakeCluster();
    const { code, stderr } = await cluster.there('logs');
    expect([code, stderr]).toEqual([65, expect.stringContaining('name one with --file')]);
  });

  it('say which log cannot be read, and why; one that has not begun is none', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([DB]);
    await cluster.there('apply');
    cluster.change((state) => (state.mode = 'no-node'));
    const { code, stdout, stderr } = await cluster.there('logs');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/the log of the pod db-\S+: Get "https:\/\/n1:10250.* no such host/);
    cluster.change((state) => (state.mode = 'starting'));
    const starting = await cluster.there('logs');
    expect([starting.code, starting.stdout]).toEqual([0, '']);
  });

  it('are named where a verb has no target', async () => {
    await using cluster = new FakeCluster();
    const stop = await cluster.there('stop', 'api');
    expect(stop.code).toBe(64);
    expect(stop.stderr).toContain('these do: plan, diff, apply, get, logs, rollout status, rollback, delete');
    expect((await cluster.run(['plan', '--target', 'moon'])).code).toBe(64);
    expect((await cluster.there('apply', '--help')).stdout).toContain('--force-conflicts');
  });
});

describe('a cluster that something is wrong with', () => {
  it.each<[Mode, number, string]>([
    ['unreachable', 69, 'connection refused'],
    ['forbidden', 77, 'auth can-i'],
    ['unauthorized', 77, 'log in again'],
    ['read-only', 77, 'cannot patch'],
    ['no-namespace', 1, 'create namespace shop'],
    ['no-context', 69, 'context "lab" does not exist'],
  ])('%s ends with %i, and says so', async (mode, code, text) => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API]);
    cluster.change((state) => (state.mode = mode));
    for (const verb of ['plan', 'apply'])
      expect(await cluster.there(verb)).toMatchObject({
        code,
        stderr: expect.stringContaining(text) as string,
      });
    expect(await cluster.there('diff')).toMatchObject({ code: code === 1 ? 2 : code });
  });

  it('shows what is there to who may only read', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API]);
    await cluster.there('apply');
    cluster.change((state) => (state.mode = 'read-only'));
    expect((await cluster.there('get')).stdout).toMatch(/api +Unknown +Healthy +2\/2/);
  });

  it('needs a context and a namespace, and kubectl', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API]);
    const none = { env: { PATH: dirname('/nowhere/x') } };
    const missing = await cluster.run(['plan', '--target', 'kubernetes'], none);
    expect([missing.code, missing.stderr]).toEqual([
      69,
      expect.stringContaining('kubectl is not in the PATH'),
    ]);
    cluster.write('ecosystem.yaml', JSON.stringify({ project: 'shop', apps: [API] }));
    const unnamed = await cluster.there('plan');
    expect(unnamed.code).toBe(65);
    expect(unnamed.stderr).toContain('write targets: { kubernetes: { context: NAME, namespace: NAME } }');
  });

  it('leaves neither a proxy nor its socket behind', async () => {
    await using cluster = new FakeCluster();
    cluster.declareThere([API]);
    // A folder of its own: other tests start proxies too.
    expect((await cluster.thereWith({ TMPDIR: cluster.folder }, 'plan')).code).toBe(0);
    expect(readdirSync(cluster.folder).filter((name) => name.startsWith('stw-kube-'))).toEqual([]);
  });
});
