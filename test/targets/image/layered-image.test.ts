import { randomBytes } from 'node:crypto';
import { chmodSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from './support/registry.ts';
import { failureOf, following, Shop } from './support/shop.ts';

describe('the image of a folder', () => {
  it('is known before it is pushed, has the files on the base, and is not pushed twice', async () => {
    await using shop = await Shop.open();
    chmodSync(join(shop.root, 'api.js'), 0o700);
    symlinkSync('api.js', join(shop.root, 'main.js'));
    const image = await shop.chosen();
    expect([image.state, shop.registry.changed]).toEqual(['to push', []]);
    expect(await image.publish(following())).toEqual({ ok: true, value: image.reference });
    image.close();
    expect(shop.registry.changed).toContain('mount shop');
    const files = await shop.unpacked(image.reference);
    expect(files.get('srv/app/api.js')).toEqual({ mode: 0o755, text: 'console.log(1)', link: '' });
    expect(files.get('srv/app/main.js')?.link).toBe('api.js');
    expect(files.get('srv/app/node_modules/left-pad/index.js')?.mode).toBe(0o644);
    shop.registry.changed.length = 0;
    const again = await shop.chosen();
    expect([again.state, again.reference]).toEqual(['there', image.reference]);
    expect(await again.publish(following())).toEqual({ ok: true, value: image.reference });
    expect(shop.registry.changed).toEqual([]);
  });

  it('is the same for the same files, and another for another byte or bit', async () => {
    await using shop = await Shop.open();
    const first = await shop.reference();
    utimesSync(join(shop.root, 'api.js'), 1, 1);
    expect(await shop.reference()).toBe(first);
    await using other = await Shop.open();
    expect((await other.reference()).split('@')[1]).toBe(first.split('@')[1]);
    chmodSync(join(shop.root, 'api.js'), 0o755);
    const program = await shop.reference();
    expect(program).not.toBe(first);
    chmodSync(join(shop.root, 'api.js'), 0o644);
    shop.write('app/api.js', 'console.log(2)');
    expect([first, program]).not.toContain(await shop.reference());
  });

  it('pushes again what has changed alone: packages are a layer of their own', async () => {
    await using shop = await Shop.open();
    await shop.published();
    shop.registry.changed.length = 0;
    shop.write('app/api.js', 'console.log(2)');
    await shop.published();
    // The code and the configuration.
    expect(shop.registry.changed.filter((line) => line.startsWith('PATCH'))).toHaveLength(2);
  });

  it('has no secrets, no keys, no history and nothing that .dockerignore names', async () => {
    await using shop = await Shop.open();
    for (const name of [
      '.env',
      '.env.production',
      '.git/config',
      '.npmrc',
      'sub/.env',
      'id_rsa',
      'ecosystem.yaml',
      'a.log',
      'docs/x.md',
      'docs/y.md',
    ]) {
      shop.write(`app/${name}`, 'hunter2');
    }
    shop.write('app/tls.pem', '-----BEGIN RSA PRIVATE KEY-----\nhunter2');
    shop.write('app/ca.pem', '-----BEGIN CERTIFICATE-----');
    shop.write('app/token', 'hunter2');
    shop.write('app/.dockerignore', '# what is not needed\n*.log\ndocs\n!docs/y.md\n');
    const files = await shop.unpacked(
      await shop.published({ secrets: [join(shop.root, 'token'), '/etc/other'] }),
    );
    const own = [...files.keys()].filter((name) => !name.includes('node_modules') && !name.endsWith('/'));
    expect(own).toEqual(['srv/app/api.js', 'srv/app/ca.pem', 'srv/app/docs/y.md']);
  });

  it.each([
    [
      'a link out of the folder',
      (root: string) => symlinkSync('../../etc/passwd', join(root, 'out')),
      'out is a link to',
    ],
    [
      'a link to a place of this host',
      (root: string) => symlinkSync('/etc/passwd', join(root, 'out')),
      'out is a link to',
    ],
    [
      'a name that removes files',
      (root: string) => writeFileSync(join(root, '.wh.node'), ''),
      'begins with .wh.',
    ],
    [
      'a name that is not UTF-8',
      (root: string) => writeFileSync(Buffer.from(`${root}/\xff`, 'latin1'), ''),
      'is not UTF-8',
    ],
  ])('refuses %s', async (_, make, said) => {
    await using shop = await Shop.open();
    make(shop.root);
    const failure = failureOf(await shop.choose());
    expect(failure).toMatchObject({
      code: 'IMAGE_UNUSABLE',
      hint: expect.stringContaining('.dockerignore') as unknown,
    });
    expect(failure.message).toContain(said);
  });
});

describe('the base', () => {
  it('is the one for the platform, of several', async () => {
    await using shop = await Shop.open();
    shop.registry.addIndex('base/many:1', ['linux/arm64', 'linux/amd64']);
    const base = `${shop.registry.host}/base/many:1`;
    const reference = await shop.published({ base, platform: 'linux/arm64' });
    const { layers } = JSON.parse(
      shop.registry.manifests.get(`shop${reference.slice(reference.indexOf('@'))}`)?.text ?? '',
    ) as { layers: { digest: string }[] };
    expect(layers[0]?.digest).toBe(sha256('layer of base/many:1 for linux/arm64'));
    const failure = failureOf(await shop.choose({ base, platform: 'linux/s390x' }));
    expect(failure.hint).toContain('one of linux/arm64, linux/amd64');
    const missing = failureOf(await shop.choose({ base: `${shop.registry.host}/base/none:1` }));
    expect(missing.message).toContain('has none');
  });

  it('is copied from another registry, and sent where it cannot be taken over', async () => {
    await using shop = await Shop.open({ mountsNothing: true });
    await using other = await Shop.open({ login: 'token' });
    other.logIn('right');
    shop.logIn('right');
    const base = `${other.registry.host}/base/node:24`;
    shop.write(
      'docker/config.json',
      JSON.stringify({
        auths: { [other.registry.host]: { auth: Buffer.from('me:right').toString('base64') } },
      }),
    );
    await shop.published({ base });
    expect(shop.registry.blobs.has(sha256('layer of base/node:24 for linux/amd64'))).toBe(true);
    expect(other.registry.asked.filter((line) => line.includes('/token'))).toEqual([
      'GET /token repository:base/node:pull',
    ]);
    await shop.published();
  });
});

describe('a registry', () => {
  it.each(['basic', 'token'] as const)(
    'is logged in to (%s), with what docker login has left',
    async (login) => {
      await using shop = await Shop.open({ login });
      shop.logIn('right');
      await shop.published();
      shop.logIn('wrong');
      const failure = failureOf(await shop.choose());
      expect(failure).toMatchObject({
        code: 'REGISTRY_REFUSED',
        hint: expect.stringContaining(`docker login ${shop.registry.host}`) as unknown,
      });
      expect(failure.message).toContain(' 401');
      expect(JSON.stringify(failure)).not.toContain('wrong:');
    },
  );

  it('is logged in to with a credential helper', async () => {
    await using shop = await Shop.open({ login: 'token' });
    shop.write(
      'bin/docker-credential-test',
      '#!/bin/sh\nread server\necho "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"me\\",\\"Secret\\":\\"right\\"}"\n',
    );
    chmodSync(join(shop.folder, 'bin/docker-credential-test'), 0o755);
    shop.write('docker/config.json', JSON.stringify({ credHelpers: { [shop.registry.host]: 'test' } }));
    const missing = failureOf(await shop.choose());
    expect(missing.message).toContain('docker-credential-test');
    shop.path = `${join(shop.folder, 'bin')}:${shop.path}`;
    await shop.published();
  });

  it.each([false, true])('that breaks off is gone on with (and forgets the upload: %s)', async (forgets) => {
    await using shop = await Shop.open({ breaksAt: 300_000, forgets });
    shop.write('app/data.bin', randomBytes(1_000_000));
    const reference = await shop.published();
    expect((await shop.unpacked(reference)).get('srv/app/data.bin')).toBeDefined();
    const sent = shop.registry.changed.filter((line) => line.startsWith('PATCH'));
    expect(sent.includes('PATCH shop from 300000')).toBe(!forgets);
  });

  it('that is not there is said to be so', async () => {
    await using shop = await Shop.open();
    const { host } = shop.registry;
    await shop.registry[Symbol.asyncDispose]();
    const failure = failureOf(await shop.choose());
    expect(failure).toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      hint: expect.stringContaining(host) as unknown,
    });
  });
});
