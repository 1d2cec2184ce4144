import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import type { PlanDocument } from '../../../src/api/contract/wire/plan.ts';
import { TestRegistry } from '../../targets/image/support/registry.ts';
import { FakeCluster } from '../../targets/kubernetes/fake/cluster.ts';

const APPS = [{ name: 'api', script: './api.js', stop_signal: 'SIGTERM' }];

/** A cluster, and a registry with a base image. */
class Lab implements AsyncDisposable {
  readonly cluster = new FakeCluster();
  readonly registry: TestRegistry;

  private constructor(registry: TestRegistry) {
    this.registry = registry;
    registry.addImage('base/node:24');
  }

  static async open(): Promise<Lab> {
    return new Lab(await TestRegistry.open());
  }

  declare(kubernetes: Record<string, unknown> = {}, apps: readonly unknown[] = APPS): void {
    const { host } = this.registry;
    const place = {
      context: 'lab',
      namespace: 'shop',
      registry: `${host}/shop`,
      base: `${host}/base/node:24`,
    };
    const targets = { kubernetes: { ...place, ...kubernetes } };
    this.cluster.write('ecosystem.yaml', JSON.stringify({ project: 'shop', targets, apps }));
    this.cluster.write('.dockerignore', 'bin\ncluster.json\nplan.json\nhome*\n');
  }

  /** What the pods of the app run from. */
  get image(): string {
    const { spec } = this.cluster.state.objects['deployments/api'] ?? {};
    const { template } = spec as { template: { spec: { containers: readonly { image: string }[] } } };
    return template.spec.containers[0]?.image ?? '';
  }

  /** A program on the PATH of the command. */
  program(name: string, text: string): void {
    this.cluster.write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
    chmodSync(join(this.cluster.folder, 'bin', name), 0o755);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
    await this.registry[Symbol.asyncDispose]();
  }
}

describe('the image of the folder', () => {
  it('is shown by plan, pushed by apply before anything else, and not again', async () => {
    await using lab = await Lab.open();
    lab.declare();
    const plan = await lab.cluster.there('plan', '-o', 'json');
    const [planned] = (JSON.parse(plan.stdout) as PlanDocument).target?.images ?? [];
    expect(planned).toMatchObject({ project: 'shop', state: 'to push' });
    expect(lab.registry.changed).toEqual([]);
    writeFileSync(join(lab.cluster.folder, 'plan.json'), plan.stdout);
    const applied = await lab.cluster.there('apply', 'plan.json');
    expect([applied.code, applied.stderr]).toEqual([
      0,
      expect.stringContaining(`shop: image ${planned?.reference ?? ''}`),
    ]);
    expect(lab.image).toBe(planned?.reference);
    lab.registry.changed.length = 0;
    const again = await lab.cluster.there('apply');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
    expect(lab.registry.changed).toEqual([]);
    lab.cluster.write('api.js', 'console.log(2)');
    expect((await lab.cluster.there('plan', '--detailed-exitcode')).code).toBe(2);
  });

  it('is not made by verbs to which it does not matter', async () => {
    await using lab = await Lab.open();
    lab.declare();
    expect((await lab.cluster.there('logs')).code).toBe(0);
    expect((await lab.cluster.there('rollout', 'status')).code).toBe(0);
    expect(lab.registry.asked).toEqual([]);
  });

  it('is not made where one is named, nor printed by export', async () => {
    await using lab = await Lab.open();
    lab.declare();
    expect((await lab.cluster.there('apply', '--image', 'registry.test/shop:2')).code).toBe(0);
    expect(lab.image).toBe('registry.test/shop:2');
    expect(lab.registry.asked).toEqual([]);
    const exported = await lab.cluster.run(['export', 'kubernetes']);
    expect([exported.code, exported.stderr]).toEqual([65, expect.stringContaining('--image')]);
  });

  it('that cannot be pushed leaves the cluster as it is', async () => {
    await using lab = await Lab.open();
    lab.declare();
    const { host } = lab.registry;
    await lab.registry[Symbol.asyncDispose]();
    const applied = await lab.cluster.there('apply');
    expect([applied.code, applied.stderr]).toEqual([69, expect.stringContaining(host)]);
    expect(lab.cluster.state.asked).toEqual([]);
  });
});

describe('a registry that cannot be reached', () => {
  it('leaves what is only read as it is: get says that it does not know whether the file is applied', async () => {
    await using lab = await Lab.open();
    lab.declare({}, [...APPS, { ...APPS[0], name: 'db', image: 'registry.test/db:1' }]);
    expect((await lab.cluster.there('apply')).code).toBe(0);
    const { host } = lab.registry;
    await lab.registry[Symbol.asyncDispose]();

    const list = await lab.cluster.there('get');
    expect([list.code, list.stdout]).toEqual([0, expect.stringMatching(/api +Unknown +Healthy +1\/1/)]);
    // What names its image is compared as ever.
    expect(list.stdout).toMatch(/db +Synced +Healthy +1\/1/);
    expect(list.stderr).toContain('whether shop is as the file says is not known: cannot read');
    const { items } = JSON.parse((await lab.cluster.there('get', '-o', 'json')).stdout) as AppList;
    expect(items.map(({ name, status }) => `${name} ${status.sync}`)).toEqual(['api Unknown', 'db Synced']);
    for (const verb of ['logs', 'rollout status']) {
      const read = await lab.cluster.there(...verb.split(' '));
      expect([verb, read.code, read.stderr]).toEqual([verb, 0, 'kubernetes: context lab, namespace shop\n']);
    }
    for (const verb of ['plan', 'diff', 'apply']) {
      const refused = await lab.cluster.there(verb);
      expect([verb, refused.code, refused.stdout, refused.stderr.match(/error\[/g)]).toEqual([
        ...[verb, 69, ''],
        ['error['],
      ]);
      expect(refused.stderr).toContain(`help: check that http://${host}/v2/ answers from here`);
    }
    const deleted = await lab.cluster.there('delete', 'all');
    expect([deleted.code, deleted.stdout]).toEqual([0, 'shop/api  removed\nshop/db  removed\n']);
  });

  it('and does not answer is not waited for by get', async () => {
    await using lab = await Lab.open();
    lab.declare();
    expect((await lab.cluster.there('apply')).code).toBe(0);
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    lab.declare({ registry: `127.0.0.1:${port}/shop` });
    const list = await lab.cluster.there('get');
    silent.close();
    expect([list.code, list.stdout]).toEqual([0, expect.stringMatching(/api +Unknown +Healthy +1\/1/)]);
    expect(list.stderr).toContain('does not answer in time');
  });
});

describe('a build', () => {
  it('by command is told what is wanted, run once for the same files, and named by its digest', async () => {
    await using lab = await Lab.open();
    const digest = lab.registry.addImage('shop:any');
    lab.declare({ build: { command: ['build-it', 'now'] } });
    const log = join(lab.cluster.folder, 'bin/said');
    lab.program(
      'build-it',
      `env | grep ^STATEWARD_ >> ${log}\necho building\necho "$STATEWARD_REGISTRY@${digest}"`,
    );
    const plan = await lab.cluster.there('plan');
    expect(plan.stdout).toMatch(
      /the image \S+\/shop:[0-9a-f]{32} is not in the registry: apply builds and pushes it/,
    );
    expect(existsSync(log)).toBe(false);
    expect((await lab.cluster.there('apply')).code).toBe(0);
    expect(lab.image).toBe(`${lab.registry.host}/shop@${digest}`);
    const said = readFileSync(log, 'utf8');
    expect(said).toContain('STATEWARD_PROJECT=shop\n');
    expect(said).toMatch(/STATEWARD_IMAGE=\S+\/shop:[0-9a-f]{32}\n/);
    expect((await lab.cluster.there('apply')).code).toBe(0);
    expect(readFileSync(log, 'utf8')).toBe(said);
  });

  it('needs a place to push to, and one way to be made', async () => {
    await using lab = await Lab.open();
    const targets = {
      kubernetes: { context: 'lab', namespace: 'shop', build: { dockerfile: './Dockerfile' } },
    };
    lab.cluster.write('ecosystem.yaml', JSON.stringify({ project: 'shop', targets, apps: APPS }));
    const without = await lab.cluster.there('plan');
    expect([without.code, without.stderr]).toEqual([65, expect.stringContaining('registry: HOST/PATH')]);
    lab.declare({ build: { dockerfile: './Dockerfile', command: ['true'] } });
    const both = await lab.cluster.there('plan');
    expect([both.code, both.stderr]).toEqual([65, expect.stringContaining('a build needs a dockerfile')]);
  });
});
