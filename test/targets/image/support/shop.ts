import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { expect } from 'vitest';
import type { Failure } from '../../../../src/lib/failure.ts';
import type { Result } from '../../../../src/lib/result.ts';
import { chooseImage } from '../../../../src/targets/image/choose-image.ts';
import type { ChosenImage, Publishing, WantedImage } from '../../../../src/targets/image/wanted.ts';
import { TestRegistry, type RegistryOptions } from './registry.ts';

/** The folder of an app, and a registry with a base image to put it on. */
export class Shop implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'image-test-'));
  readonly registry: TestRegistry;
  /** PATH of what chooses images. */
  path = process.env['PATH'] ?? '';

  private constructor(registry: TestRegistry) {
    this.registry = registry;
    this.write('app/api.js', 'console.log(1)');
    this.write('app/node_modules/left-pad/index.js', 'module.exports = 1');
  }

  static async open(options: RegistryOptions = {}): Promise<Shop> {
    const shop = new Shop(await TestRegistry.open(options));
    shop.registry.addImage('base/node:24');
    return shop;
  }

  get root(): string {
    return join(this.folder, 'app');
  }

  write(name: string, content: string | Buffer): void {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** As `docker login` leaves it. */
  logIn(password: string, host = this.registry.host): void {
    const auth = Buffer.from(`me:${password}`).toString('base64');
    this.write('docker/config.json', JSON.stringify({ auths: { [host]: { auth } } }));
  }

  choose(wanted: Partial<WantedImage> = {}): Promise<Result<ChosenImage, Failure>> {
    const { host } = this.registry;
    const image: WantedImage = {
      ...{
        project: 'shop',
        root: this.root,
        folder: '/srv/app',
        registry: `${host}/shop`,
        base: `${host}/base/node:24`,
      },
      ...{ platform: 'linux/amd64', build: null, secrets: [], ...wanted },
    };
    const env = { DOCKER_CONFIG: join(this.folder, 'docker'), PATH: this.path };
    return chooseImage(image, env, 60_000);
  }

  async chosen(wanted: Partial<WantedImage> = {}): Promise<ChosenImage> {
    const chosen = await this.choose(wanted);
    if (!chosen.ok) throw new Error(`${chosen.error.message}; ${chosen.error.hint ?? ''}`);
    return chosen.value;
  }

  /** Its reference, published. */
  async published(wanted: Partial<WantedImage> = {}): Promise<string> {
    const image = await this.chosen(wanted);
    const published = await image.publish(following());
    image.close();
    if (!published.ok) throw new Error(published.error.message);
    return published.value;
  }

  async reference(): Promise<string> {
    const image = await this.chosen();
    image.close();
    return image.reference;
  }

  /** What the image has, by name. */
  async unpacked(
    reference: string,
  ): Promise<ReadonlyMap<string, { readonly mode: number; readonly text: string; readonly link: string }>> {
    const [name = ''] = reference.slice(this.registry.host.length + 1).split('@');
    const manifest = this.registry.manifests.get(`${name}${reference.slice(reference.indexOf('@'))}`);
    const { layers } = JSON.parse(manifest?.text ?? '') as { layers: { digest: string }[] };
    const found = new Map<string, { mode: number; text: string; link: string }>();
    for (const { digest } of layers.slice(1)) {
      const entries = await unpackTar(gunzipSync(this.registry.blobs.get(digest) ?? Buffer.alloc(0)));
      for (const { header, data } of entries) {
        expect([header.uid, header.gid, header.mtime?.getTime()]).toEqual([0, 0, 0]);
        const text = Buffer.from(data ?? []).toString('utf8');
        found.set(header.name, { mode: header.mode ?? 0, text, link: header.linkname ?? '' });
      }
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** How a test follows a push: not at all. */
export function following(): Publishing {
  return { signal: new AbortController().signal, said: () => undefined };
}

export function failureOf(result: Result<unknown, Failure>): Failure {
  if (result.ok) throw new Error('it went well');
  return result.error;
}
