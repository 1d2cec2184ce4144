import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Ran } from '../../support/host.ts';
import { FakeCluster } from '../kubernetes/fake/cluster.ts';
import { DebianRegistry, NO_REGISTRY } from './support/debian-registry.ts';
import { following, Shop } from './support/shop.ts';

if (NO_REGISTRY !== null) console.log(`skipped, what needs a registry of Debian: there is no ${NO_REGISTRY}`);

it.skipIf(NO_REGISTRY !== null)('pushes to docker-registry, and finds there what it has pushed', async () => {
  await using shop = await Shop.open();
  await using registry = await DebianRegistry.open();
  const { host } = registry;
  const image = await shop.chosen({ registry: `${host}/shop` });
  expect(image.state).toBe('to push');
  expect(await image.publish(following())).toEqual({ ok: true, value: image.reference });
  image.close();
  const again = await shop.chosen({ registry: `${host}/shop` });
  expect([again.state, again.reference]).toEqual(['there', image.reference]);
  // Built on what was pushed: its layers are taken over inside of the registry.
  const other = await shop.chosen({ registry: `${host}/other`, base: image.reference });
  expect((await other.publish(following())).ok).toBe(true);
  other.close();
});

/** A folder with an app, whose image goes to `registry` and stands on one that is elsewhere; and a cluster for it. */
class Deployed extends FakeCluster {
  readonly #registry: DebianRegistry;

  constructor(registry: DebianRegistry, base: string) {
    super();
    this.#registry = registry;
    // What the test itself keeps beside the app.
    this.write('.dockerignore', 'bin\ncluster.json\ndocker\nhelper\nhome\n');
    this.declareOn(base);
  }

  declareOn(base: string): void {
    const kubernetes = {
      ...{ context: 'lab', namespace: 'shop', base, platform: 'linux/amd64' },
      registry: `${this.#registry.host}/shop`,
    };
    const apps = [{ name: 'api', script: './api.js', stop_signal: 'SIGTERM' }];
    this.write('ecosystem.yaml', JSON.stringify({ project: 'shop', targets: { kubernetes }, apps }));
  }

  /** As `docker login` leaves it. */
  logIn(user: string, password: string): void {
    const auth = Buffer.from(`${user}:${password}`).toString('base64');
    this.write('docker/config.json', JSON.stringify({ auths: { [this.#registry.host]: { auth } } }));
  }

  /** Runs a verb as one who knows the authority of the registry, or not. */
  async asked(verb: string, { knows = true, path = '' } = {}): Promise<Ran> {
    const env = {
      DOCKER_CONFIG: join(this.folder, 'docker'),
      NODE_EXTRA_CA_CERTS: knows ? this.#registry.authority : '',
      ...(path !== '' && { PATH: `${path}:${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}` }),
    };
    return this.thereWith(env, verb);
  }
}

describe.skipIf(NO_REGISTRY !== null)('docker-registry with TLS', () => {
  it.each(['basic', 'token'] as const)('and a log-in (%s)', async (login) => {
    await using shop = await Shop.open();
    await using registry = await DebianRegistry.open({ tls: true, login });
    const { host } = registry;
    await using cluster = new Deployed(registry, `${shop.registry.host}/base/node:24`);

    const unknown = await cluster.asked('plan', { knows: false });
    expect([unknown.code, unknown.stderr]).toEqual([
      69,
      expect.stringMatching(/cannot be trusted: .*\n +help: NODE_EXTRA_CA_CERTS=/) as unknown,
    ]);
    const nobody = await cluster.asked('plan');
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      expect.stringMatching(/answers 401 to who is not logged in.*\n +help: .*docker login/) as unknown,
    ]);
    cluster.logIn('me', 'wrong');
    const wrong = await cluster.asked('plan');
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('answers 401 to me') as unknown]);
    expect(wrong.text).not.toContain('wrong:');

    cluster.logIn('me', 'right');
    const applied = await cluster.asked('apply');
    expect([applied.code, applied.stderr]).toEqual([
      0,
      expect.stringContaining(`image ${host}/shop@sha256:`) as unknown,
    ]);
    const again = await cluster.asked('plan');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('No changes.') as unknown]);

    cluster.write('docker/config.json', JSON.stringify({ credHelpers: { [host]: 'test' } }));
    const said = '{"ServerURL":"","Username":"me","Secret":"right"}';
    cluster.write('helper/docker-credential-test', `#!/bin/sh\nread server\necho '${said}'\n`);
    chmodSync(join(cluster.folder, 'helper/docker-credential-test'), 0o755);
    const helped = await cluster.asked('plan', { path: join(cluster.folder, 'helper') });
    expect([helped.code, helped.stdout]).toEqual([0, expect.stringContaining('No changes.') as unknown]);

    cluster.logIn('me', 'right');
    cluster.declareOn(`${host}/base/none:1`);
    const none = await cluster.asked('plan');
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringContaining(`cannot use the base image ${host}/base/none:1: ${host} has none`) as unknown,
    ]);
  });

  it('says who may not push', async () => {
    await using shop = await Shop.open();
    await using registry = await DebianRegistry.open({ tls: true, login: 'token' });
    await using cluster = new Deployed(registry, `${shop.registry.host}/base/node:24`);
    cluster.logIn('reader', 'right');
    const refused = await cluster.asked('apply');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(
        `cannot push ${registry.host}/shop: ${registry.host} answers 401 to reader (`,
      ) as unknown,
    ]);
    expect(refused.stderr).toContain('as one who may do that');
    expect(cluster.state.asked).toEqual([]);
  });
});
