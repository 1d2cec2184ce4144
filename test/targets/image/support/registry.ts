import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the registry of a test asks who somebody is, and what it does wrong. */
export interface RegistryOptions {
  /** Absent: anybody may do anything. */
  readonly login?: 'basic' | 'token';
  readonly password?: string;
  /** The first upload breaks off after so many bytes. */
  readonly breaksAt?: number;
  /** After it broke off, it does not know the upload any more. */
  readonly forgets?: boolean;
  /** Nothing is taken over from other paths. */
  readonly mountsNothing?: boolean;
}

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The parts of the distribution specification that pulling and pushing need, in this process. */
export class TestRegistry implements AsyncDisposable {
  readonly blobs = new Map<string, Buffer>();
  /** `shop:tag` and `shop@digest`. */
  readonly manifests = new Map<string, { readonly type: string; readonly text: string }>();
  /** What changed something: `PUT shop/manifests/1`. */
  readonly changed: string[] = [];
  /** Every request, with its scope where it asks for a token. */
  readonly asked: string[] = [];
  /** `shop@digest`: which path has which of the blobs. */
  readonly #linked = new Set<string>();
  readonly #options: RegistryOptions;
  #host = '';
  readonly #uploads = new Map<string, Buffer>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #broken = false;

  constructor(options: RegistryOptions = {}) {
    this.#options = options;
  }

  static async open(options: RegistryOptions = {}): Promise<TestRegistry> {
    const registry = new TestRegistry(options);
    await new Promise<void>((done) => registry.#server.listen(0, '127.0.0.1', done));
    registry.#host = `127.0.0.1:${(registry.#server.address() as AddressInfo).port}`;
    return registry;
  }

  get host(): string {
    return this.#host;
  }

  /** Keeps an image of one layer for a platform; gives what names it. */
  addImage(name: string, platform = 'linux/amd64', index = false): string {
    const layer = Buffer.from(`layer of ${name} for ${platform}`);
    const [repository = ''] = name.split(':');
    const [os, architecture] = platform.split('/');
    const config = {
      os,
      architecture,
      config: { Env: ['PATH=/usr/bin'] },
      rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
    };
    const blob = (bytes: Buffer, mediaType: string): object => {
      this.blobs.set(sha256(bytes), bytes);
      this.#linked.add(`${repository}@${sha256(bytes)}`);
      return { mediaType, size: bytes.length, digest: sha256(bytes) };
    };
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const text = JSON.stringify({
      schemaVersion: 2,
      config: blob(Buffer.from(JSON.stringify(config)), 'application/vnd.oci.image.config.v1+json'),
      layers: [blob(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')],
    });
    this.manifests.set(`${repository}@${sha256(text)}`, { type, text });
    if (!index) this.manifests.set(name, { type, text });
    return sha256(text);
  }

  /** Keeps an image for several platforms. */
  addIndex(name: string, platforms: readonly string[]): void {
    const manifests = platforms.map((platform) => {
      const [os, architecture] = platform.split('/');
      return {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        size: 1,
        digest: this.addImage(name, platform, true),
        platform: { os, architecture },
      };
    });
    const text = JSON.stringify({ schemaVersion: 2, manifests });
    this.manifests.set(name, { type: 'application/vnd.oci.image.index.v1+json', text });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '', `http://${this.host}`);
    const end = (
      status: number,
      headers: Record<string, string> = {},
      body: Buffer | string = '',
    ): ServerResponse => response.writeHead(status, headers).end(body);
    this.asked.push(
      `${request.method ?? ''} ${url.pathname}${url.pathname === '/token' ? ` ${url.searchParams.getAll('scope').join(' ')}` : ''}`,
    );
    const basic = `Basic ${Buffer.from(`me:${this.#options.password ?? 'right'}`).toString('base64')}`;
    if (url.pathname === '/token') {
      if (request.headers.authorization !== basic)
        return end(401, {}, '{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}');
      return end(
        200,
        {},
        JSON.stringify({ token: url.searchParams.getAll('scope').join(' ').replaceAll(' ', '+') }),
      );
    }
    const [, path = '', what = '', last = ''] =
      /^\/v2\/(.+?)\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD';
    const needed = `repository:${path}:${isWrite ? 'pull,push' : 'pull'}`;
    if (this.#options.login === 'basic' && request.headers.authorization !== basic) {
      return end(401, { 'www-authenticate': 'Basic realm="test"' });
    }
    if (this.#options.login === 'token' && request.headers.authorization?.includes(needed) !== true) {
      return end(401, {
        'www-authenticate': `Bearer realm="http://${this.host}/token",service="test",scope="${needed}"`,
      });
    }
    if (what === 'manifests') return this.#manifest(request, { path, last, end });
    if (last.startsWith('uploads/')) return this.#upload(request, { path, url, end });
    const blob = this.#linked.has(`${path}@${last}`) ? this.blobs.get(last) : undefined;
    if (blob === undefined) return end(404);
    return end(200, { 'content-length': String(blob.length) }, request.method === 'HEAD' ? '' : blob);
  }

  async #manifest(
    request: IncomingMessage,
    { path, last, end }: { readonly path: string; readonly last: string; readonly end: End },
  ): Promise<unknown> {
    if (request.method === 'PUT') {
      const text = (await read(request)).toString('utf8');
      const { config, layers = [] } = JSON.parse(text) as {
        config?: { digest: string };
        layers?: { digest: string }[];
      };
      const missing = [...(config === undefined ? [] : [config]), ...layers].find(
        ({ digest }) => !this.#linked.has(`${path}@${digest}`),
      );
      if (missing !== undefined)
        return end(400, {}, `{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"${missing.digest}"}]}`);
      const stored = { type: request.headers['content-type'] ?? '', text };
      this.manifests.set(`${path}@${sha256(text)}`, stored);
      if (!last.includes(':')) this.manifests.set(`${path}:${last}`, stored);
      this.changed.push(`PUT ${path}/manifests`);
      return end(201, { location: `/v2/${path}/manifests/${sha256(text)}` });
    }
    const stored = this.manifests.get(`${path}${last.includes(':') ? '@' : ':'}${last}`);
    if (stored === undefined)
      return end(404, {}, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    return end(
      200,
      { 'content-type': stored.type, 'docker-content-digest': sha256(stored.text) },
      stored.text,
    );
  }

  async #upload(
    request: IncomingMessage,
    { path, url, end }: { readonly path: string; readonly url: URL; readonly end: End },
  ): Promise<unknown> {
    const { method } = request;
    if (method === 'POST') {
      const mount = url.searchParams.get('mount');
      if (mount !== null && this.blobs.has(mount) && this.#options.mountsNothing !== true) {
        this.#linked.add(`${path}@${mount}`);
        this.changed.push(`mount ${path}`);
        return end(201, { location: `/v2/${path}/blobs/${mount}` });
      }
      const id = randomUUID();
      this.#uploads.set(id, Buffer.alloc(0));
      return end(202, { location: `/v2/${path}/blobs/uploads/${id}?state=1` });
    }
    const id = url.pathname.split('/').at(-1) ?? '';
    const before = this.#uploads.get(id);
    if (before === undefined)
      return end(404, {}, '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"upload unknown"}]}');
    if (method === 'GET')
      return end(204, {
        range: `0-${before.length - 1}`,
        location: `/v2/${path}/blobs/uploads/${id}?state=3`,
      });
    const breaksAt = method === 'PATCH' && !this.#broken ? this.#options.breaksAt : undefined;
    const bytes = await read(request, breaksAt);
    if (breaksAt !== undefined && bytes.length >= breaksAt) {
      this.#broken = true;
      this.#uploads.set(id, Buffer.concat([before, bytes.subarray(0, breaksAt)]));
      if (this.#options.forgets === true) this.#uploads.delete(id);
      return request.socket.destroy();
    }
    const from = Number(/^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1] ?? before.length);
    if (from !== before.length) return end(416);
    const all = Buffer.concat([before, bytes]);
    this.#uploads.set(id, all);
    if (method === 'PATCH') {
      this.changed.push(`PATCH ${path} from ${from}`);
      return end(202, { location: `/v2/${path}/blobs/uploads/${id}?state=2`, range: `0-${all.length - 1}` });
    }
    const digest = url.searchParams.get('digest') ?? '';
    if (sha256(all) !== digest)
      return end(400, {}, '{"errors":[{"code":"DIGEST_INVALID","message":"digest"}]}');
    this.blobs.set(digest, all);
    this.#linked.add(`${path}@${digest}`);
    this.#uploads.delete(id);
    this.changed.push(`PUT ${path}/blobs`);
    return end(201, { location: `/v2/${path}/blobs/${digest}` });
  }
}

type End = (status: number, headers?: Record<string, string>, body?: Buffer | string) => ServerResponse;

/** The body, or its first bytes. */
async function read(request: IncomingMessage, most = Infinity): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size >= most) break;
  }
  return Buffer.concat(parts);
}
