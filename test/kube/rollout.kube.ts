import { describe, expect, it } from 'vitest';
import type { AppList } from '../../src/api/contract/wire/apps.ts';
import { LabCluster } from './lab/cluster.ts';

const API = { name: 'api', script: './api.js', instances: 2, env: { MODE: 'fast' } };
const WEB = { name: 'web', script: './web.js', depends_on: ['api'] };

describe('a rollout that fails', () => {
  it.each([
    ['crash', 'keeps ending: exit code 7 (CrashLoopBackOff)', 'last words 3 of api-'],
    ['nopull', 'Back-off pulling image "registry.test/shop:nopull" (ImagePullBackOff)', 'pod api-'],
  ])('is taken back when its pods are like %s, and never gone back to', async (how, why, more) => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API, WEB]);
    expect((await cluster.there('apply')).code).toBe(0);
    const before = (await cluster.find('deployments', 'api'))?.['spec'];
    const failed = await cluster.there('apply', '--image', `registry.test/shop:${how}`);
    expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining(why)]);
    expect(failed.stderr).toContain(more);
    expect(failed.stderr).toContain('what ran before runs again');
    expect(failed.stderr).toContain('left as they were, since they depend on what has failed: shop/web');
    expect((await cluster.find('deployments', 'api'))?.['spec']).toEqual(before);
    expect((await cluster.there('plan', '--detailed-exitcode')).code).toBe(0);
    const back = await cluster.there('rollback', 'api');
    expect([back.code, back.stderr]).toEqual([
      1,
      expect.stringContaining('has no version before the present one'),
    ]);
  });

  it('is taken back when it makes no progress', async () => {
    await using cluster = await LabCluster.start();
    const app = { ...API, rollout: { deadline: 1000, min_ready: 0 } };
    cluster.declareThere([app]);
    expect((await cluster.there('apply')).code).toBe(0);
    const failed = await cluster.there('apply', '--image', 'registry.test/shop:slow');
    expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining('no progress within 61 s')]);
    expect((await cluster.there('get')).stdout).toMatch(/api +Healthy +2\/2/);
  });

  it('stays where nothing ran before', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API], { image: 'registry.test/shop:crash' });
    const failed = await cluster.there('apply');
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('error[APP_FAILED]')]);
    expect((await cluster.there('get')).stdout).toMatch(/api +CrashLoop +0\/2/);
  });

  it('is one of a Job that ends badly, and what waits for it stays as it was', async () => {
    await using cluster = await LabCluster.start();
    const migrate = { name: 'migrate', script: './job.js', autorestart: false };
    cluster.declareThere([
      { ...migrate, image: 'registry.test/shop:crash' },
      { ...WEB, depends_on: { migrate: 'completed' } },
    ]);
    const failed = await cluster.there('apply');
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('shop/migrate:')]);
    expect(await cluster.names('deployments')).toEqual([]);
    cluster.declareThere([migrate, { ...WEB, depends_on: { migrate: 'completed' } }]);
    expect((await cluster.there('apply')).code).toBe(0);
    expect(await cluster.names('jobs')).toHaveLength(1);
    expect(await cluster.names('deployments')).toEqual(['web']);
  });
});

describe('a rollout', () => {
  it('says what it waits for, and is waited for no longer than asked', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([{ ...API, limits: { memory: '2000G' } }]);
    const late = await cluster.there('apply', '--timeout', '5s');
    expect([late.code, late.stderr]).toEqual([4, expect.stringContaining('Insufficient memory')]);
    const status = await cluster.there('rollout', 'status', '-w', '--timeout', '1s');
    expect([status.code, status.stdout]).toEqual([4, expect.stringMatching(/shop\/api +progressing +1/)]);
  });

  it('can be gone back from, by hand', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API]);
    await cluster.there('apply');
    cluster.declareThere([{ ...API, env: { MODE: 'slow' } }], { image: 'registry.test/shop:2' });
    expect((await cluster.there('apply')).code).toBe(0);
    const list = JSON.parse((await cluster.there('get', '-o', 'json')).stdout) as AppList;
    expect(list.items).toMatchObject([
      {
        name: 'api',
        status: { sync: 'Synced', health: 'Healthy', readyInstances: 2, desiredInstances: 2, revision: 2 },
      },
    ]);
    expect((await cluster.there('rollout', 'status', 'api')).stdout).toMatch(/shop\/api +succeeded +2 +2\/2/);
    const back = await cluster.there('rollback', 'api');
    expect([back.code, back.stdout]).toEqual([0, 'shop/api  back at revision 1\n']);
    const { spec } = (await cluster.find('deployments', 'api')) as {
      spec: { template: { spec: { containers: { image: string }[] } } };
    };
    expect(spec.template.spec.containers[0]?.image).toBe('registry.test/shop:1');
    expect((await cluster.there('get', 'api')).stdout).toMatch(/api +OutOfSync +Healthy +2\/2/);
    expect((await cluster.there('rollback', 'api', '--to', '2')).code).toBe(0);
    expect((await cluster.there('plan', '--detailed-exitcode')).code).toBe(0);
    const none = await cluster.there('rollback', 'api', '--to', '9');
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('has no revision 9 there')]);
  });

  it('has logs of its pods', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API]);
    await cluster.there('apply');
    const { stdout } = await cluster.there('logs', 'api', '-n', '4', '--raw');
    expect(stdout.trim().split('\n')).toEqual([
      ...[2, 2, 3, 3].map((second) => expect.stringMatching(`^words ${second} of api-`) as string),
    ]);
  });
});
