import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlanDocument } from '../../src/api/contract/wire/plan.ts';
import { LabCluster } from './lab/cluster.ts';

const probe = { http: { path: '/healthz' } };
const API = { name: 'api', script: './api.js', instances: 2, env: { MODE: 'fast' }, agent: false };
const DB = { name: 'db', script: './db.js' };
const REPORT = { name: 'report', script: './job.js', schedule: '0 2 * * *' };
const MIGRATE = { name: 'migrate', script: './job.js', autorestart: false };

describe('plan and apply', () => {
  it('make what is declared, and find it as it is declared then', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([
      { ...API, port: 3000, readiness: probe, depends_on: { migrate: 'completed' } },
      ...[DB, REPORT, MIGRATE],
    ]);
    const plan = await cluster.there('plan', '--detailed-exitcode');
    expect(plan.code).toBe(2);
    expect(plan.stdout).toMatch(/\+ api +create +2 instances/);
    expect(plan.stdout).toContain('Plan: 4 to create, 0 unchanged. 4 processes touched, 0 not.');
    expect(await cluster.names('deployments')).toEqual([]);
    const applied = await cluster.there('apply');
    expect([applied.code, applied.stderr]).toEqual([0, expect.stringContaining('shop/api: applied')]);
    expect(await cluster.names('deployments')).toEqual(['api', 'db']);
    expect(await cluster.names('services')).toEqual(['api']);
    expect(await cluster.names('poddisruptionbudgets')).toEqual(['api']);
    expect(await cluster.names('cronjobs')).toEqual(['report']);
    expect(await cluster.names('jobs')).toEqual([expect.stringMatching(/^migrate-/)]);
    expect(await cluster.names('configmaps')).toContainEqual(expect.stringMatching(/^api-env-/));
    const again = await cluster.there('plan', '--detailed-exitcode');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('No changes.')]);
    expect((await cluster.there('apply')).stdout).toBe('Nothing to do, 4 unchanged. 0 processes touched.\n');
    expect((await cluster.there('diff')).code).toBe(0);
    const list = await cluster.there('get');
    expect(list.stdout).toMatch(/api +Healthy +2\/2/);
    expect(list.stdout).toMatch(/migrate +Completed/);
    expect(list.stdout).toMatch(/report +Completed/);
  });

  it('say what changes, in the words of the file, and do that alone', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([{ ...API, port: 3000 }, DB, MIGRATE]);
    expect((await cluster.there('apply')).code).toBe(0);
    const before = await cluster.find('deployments', 'db');
    cluster.declareThere([
      { ...API, port: 3000, instances: 3, args: ['-v'], env: { MODE: 'slow' } },
      ...[DB, { ...MIGRATE, args: ['again'] }],
    ]);
    const { changes } = JSON.parse((await cluster.there('plan', '-o', 'json')).stdout) as PlanDocument;
    expect(changes).toMatchObject([
      { app: 'shop/api', kind: 'roll', instancesBefore: 2, instancesAfter: 3 },
      { app: 'shop/db', kind: 'unchanged' },
      { app: 'shop/migrate', kind: 'run', reason: 'ReleaseChanged' },
    ]);
    expect(changes[0]?.fields.map(({ path }) => path).toSorted()).toEqual([
      ...['command', 'env.MODE', 'instances'],
    ]);
    expect((await cluster.there('diff')).code).toBe(1);
    expect((await cluster.there('apply')).code).toBe(0);
    expect(await cluster.find('deployments', 'db')).toEqual(before);
    expect((await cluster.there('plan', '--detailed-exitcode')).code).toBe(0);
    // One for the version before, to which a rollback may go.
    expect((await cluster.names('configmaps')).filter((name) => name.startsWith('api-env-'))).toHaveLength(2);
  });

  it('hold a saved plan against what is there', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API]);
    await cluster.there('apply');
    cluster.declareThere([API], { image: 'registry.test/shop:2' });
    writeFileSync(join(cluster.folder, 'plan.json'), (await cluster.there('plan', '-o', 'json')).stdout);
    expect((await cluster.there('apply', 'plan.json')).code).toBe(0);
    const stale = await cluster.there('apply', 'plan.json');
    expect([stale.code, stale.stderr]).toEqual([
      5,
      expect.stringContaining('shop/api: Deployment/api has changed'),
    ]);
  });

  it('remove what is ours and not declared any more, and nothing else', async () => {
    await using cluster = await LabCluster.start();
    cluster.declareThere([API, { ...DB, port: 5432, protect: true }, REPORT, MIGRATE]);
    await cluster.there('apply');
    const labels = {
      'app.kubernetes.io/name': 'other',
      'app.kubernetes.io/part-of': 'shop',
      'app.kubernetes.io/managed-by': 'stateward',
    };
    await cluster.api.ok('POST', cluster.pathOf('configmaps'), { metadata: { name: 'other', labels } });
    cluster.declareThere([API]);
    const guarded = await cluster.there('apply');
    expect([guarded.code, guarded.stderr]).toEqual([6, expect.stringContaining('error[PROTECTED]')]);
    expect((await cluster.there('apply', '--allow-wipe')).code).toBe(0);
    expect(await cluster.names('deployments')).toEqual(['api']);
    expect(await cluster.names('configmaps')).toContain('other');
    for (const kind of ['services', 'cronjobs', 'jobs']) expect(await cluster.names(kind)).toEqual([]);
    const wiped = await cluster.there('delete', 'all');
    expect([wiped.code, wiped.stdout]).toEqual([0, 'shop/api  removed\n']);
    await cluster.until(async () => (await cluster.names('pods')).length === 0);
    expect(await cluster.names('configmaps')).toContain('other');
  });

  it('name what the release does not know', async () => {
    await using cluster = await LabCluster.start();
    const missing = cluster.isBefore(27) ? { ...REPORT, cron_timezone: 'Europe/Berlin' } : null;
    if (missing === null) return;
    cluster.declareThere([API]);
    await cluster.there('apply');
    cluster.declareThere([API, missing]);
    const plan = await cluster.there('plan');
    expect([plan.code, plan.stderr]).toEqual([
      1,
      expect.stringContaining('CronJob/report: the cluster knows no field spec.timeZone'),
    ]);
    cluster.declareThere([API, { ...DB, instance_var: 'SLOT' }]);
    const numbered = await cluster.there('apply');
    expect([numbered.code, numbered.stderr]).toEqual([
      1,
      expect.stringContaining('StatefulSet/db: no pod knows its number there'),
    ]);
    // What is there is shown all the same.
    expect((await cluster.there('get')).stdout).toMatch(/api +Unknown +Healthy +2\/2/);
  });
});
