import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageBuild } from '../../../src/targets/image/wanted.ts';
import { failureOf, following, Shop } from './support/shop.ts';

const COMMAND: ImageBuild = { command: ['build-it', 'now'] };

/** A program on PATH, which has nothing else. */
function addProgram(shop: Shop, name: string, text: string): void {
  shop.path = join(shop.folder, 'bin');
  shop.write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
  chmodSync(join(shop.folder, 'bin', name), 0o755);
}

describe('a build by command', () => {
  it('is told what is wanted, run once for the same files, and named by its digest', async () => {
    await using shop = await Shop.open();
    const digest = shop.registry.addImage('shop:any');
    const log = join(shop.folder, 'said');
    const say = `echo "$PWD $1 $STATEWARD_PROJECT $STATEWARD_PLATFORM $STATEWARD_FOLDER $STATEWARD_TAG $STATEWARD_IMAGE" >> ${log}`;
    addProgram(shop, 'build-it', `${say}\necho building\necho "$STATEWARD_REGISTRY@${digest}"`);
    const image = await shop.chosen({ build: COMMAND });
    expect(image.state).toBe('to build');
    expect(image.reference).toMatch(/\/shop:[0-9a-f]{32}$/);
    expect(existsSync(log)).toBe(false);
    const named = `${shop.registry.host}/shop@${digest}`;
    expect(await image.publish(following())).toEqual({ ok: true, value: named });
    const tag = image.reference.split(':').at(-1) ?? '';
    expect(readFileSync(log, 'utf8')).toBe(
      `${shop.root} now shop linux/amd64 /srv/app ${tag} ${image.reference}\n`,
    );
    expect(await shop.chosen({ build: COMMAND })).toMatchObject({ state: 'there', reference: named });
    expect((await shop.chosen({ build: COMMAND, platform: 'linux/arm64' })).state).toBe('to build');
    shop.write('app/api.js', 'console.log(2)');
    expect((await shop.chosen({ build: COMMAND })).state).toBe('to build');
  });

  it.each([
    ['echo oh no >&2; exit 3', 'ended with 3'],
    ['exit 0', 'prints nothing'],
    ['echo done', 'prints "done", and no reference with a digest'],
    [`echo registry.test/shop@sha256:${'a'.repeat(64)}`, 'which is not in'],
    [`echo $STATEWARD_REGISTRY@sha256:${'a'.repeat(64)}`, 'has not pushed'],
  ])('that ends otherwise is none: %s', async (text, said) => {
    await using shop = await Shop.open();
    addProgram(shop, 'build-it', text);
    const failure = failureOf(await (await shop.chosen({ build: COMMAND })).publish(following()));
    expect(failure.code).toBe('IMAGE_BUILD_FAILED');
    expect(failure.message).toContain(said);
    expect(failure.hint).toBeDefined();
    if (text.startsWith('echo oh')) expect(failure.details).toEqual(['oh no']);
  });

  it('is ended when its caller is', async () => {
    await using shop = await Shop.open();
    addProgram(shop, 'build-it', 'while :; do read line; done < /dev/zero');
    const image = await shop.chosen({ build: COMMAND });
    const controller = new AbortController();
    const published = image.publish({ signal: controller.signal, said: () => controller.abort() });
    expect(failureOf(await published).code).toBe('INTERRUPTED');
  });
});

describe('a build of a Dockerfile', () => {
  const dockerfile = (shop: Shop): ImageBuild => ({
    dockerfile: join(shop.root, 'Dockerfile'),
    context: shop.root,
  });

  it('is run by the builder that is there, and again when the Dockerfile changes', async () => {
    await using shop = await Shop.open();
    const digest = shop.registry.addImage('shop:any');
    shop.write('app/Dockerfile', 'FROM node:24-slim\n');
    const log = join(shop.folder, 'said');
    // What a builder pushes, this one takes from what is there under another tag.
    const push = `
      const [, host, tag] = /^(.+)[/]shop:(.+)$/.exec(process.argv[1]);
      const at = (name) => 'http://' + host + '/v2/shop/manifests/' + name;
      const there = await fetch(at('${digest}'));
      const headers = { 'content-type': there.headers.get('content-type') };
      await fetch(at(tag), { method: 'PUT', headers, body: await there.text() });`;
    shop.write('push.mjs', push.replace('process.argv[1]', 'process.argv[2]'));
    addProgram(
      shop,
      'podman',
      `echo "$@" >> ${log}\n[ "$1" = push ] || exit 0\nexec ${process.execPath} ${join(shop.folder, 'push.mjs')} "$3"`,
    );
    const image = await shop.chosen({ build: dockerfile(shop) });
    const named = `${shop.registry.host}/shop@${digest}`;
    expect(await image.publish(following())).toEqual({ ok: true, value: named });
    const file = join(shop.root, 'Dockerfile');
    expect(readFileSync(log, 'utf8').split('\n')).toEqual([
      `build --platform linux/amd64 --file ${file} --tag ${image.reference} ${shop.root}`,
      `push --tls-verify=false ${image.reference}`,
      '',
    ]);
    expect((await shop.chosen({ build: dockerfile(shop) })).state).toBe('there');
    shop.write('app/Dockerfile', 'FROM node:26-slim\n');
    expect((await shop.chosen({ build: dockerfile(shop) })).state).toBe('to build');
  });

  it('says the way out where nothing can build it, or it does not build', async () => {
    await using shop = await Shop.open();
    expect(failureOf(await shop.choose({ build: dockerfile(shop) })).message).toContain('cannot read');
    shop.write('app/Dockerfile', 'FROM nowhere\n');
    addProgram(shop, 'other', '');
    const none = failureOf(await (await shop.chosen({ build: dockerfile(shop) })).publish(following()));
    expect(none).toMatchObject({
      code: 'IMAGE_BUILD_FAILED',
      hint: expect.stringContaining('command') as unknown,
    });
    expect(none.message).toContain('none of docker, podman, buildah');
    addProgram(shop, 'buildah', 'echo no such image; exit 1');
    const failed = failureOf(await (await shop.chosen({ build: dockerfile(shop) })).publish(following()));
    expect(failed).toMatchObject({ code: 'IMAGE_BUILD_FAILED', details: ['no such image'] });
  });
});
