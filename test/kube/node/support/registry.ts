import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../support/free-port.ts';
import { ProgramGroup } from '../../lab/program-group.ts';

const READY_MS = 30_000;
/** What an app of Node needs, and what stateward wants of an image: a shell, and sleep(1). */
const PROGRAMS = [process.execPath, '/bin/sh', '/bin/sleep'];

/** Debian's registry on loopback, with one image made of programs of this machine: `base/node:1`, which sleeps. */
export interface LabRegistry {
  readonly host: string;
  stop(): Promise<void>;
}

export async function startRegistry(): Promise<LabRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'stw-kube-registry-'));
  const group = new ProgramGroup(folder);
  const stop = async (): Promise<void> => {
    await group.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const host = `127.0.0.1:${await freePort()}`;
    const storage = { filesystem: { rootdirectory: join(folder, 'images') } };
    const config = join(folder, 'config.yml');
    writeFileSync(config, JSON.stringify({ version: 0.1, storage, http: { addr: host } }));
    group.start('docker-registry', ['serve', config]);
    await readyRegistry(host);
    await pushBase(host, folder);
    return { host, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readyRegistry(host: string): Promise<void> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    const isReady = await fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(100);
  }
  throw new Error('the registry of the lab does not come up');
}

async function pushBase(host: string, folder: string): Promise<void> {
  const layer = layerOfPrograms(folder);
  const packed = gzipSync(layer, { level: 1 });
  const path = [...new Set(PROGRAMS.map((program) => dirname(program)))].join(':');
  const config = {
    ...{ os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch },
    config: { Env: [`PATH=${path}`], Cmd: ['/bin/sleep', 'infinity'] },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  };
  const of = (what: string): string => `application/vnd.oci.image.${what}`;
  const manifest = {
    ...{ schemaVersion: 2, mediaType: of('manifest.v1+json') },
    config: await pushBlob(host, Buffer.from(JSON.stringify(config)), of('config.v1+json')),
    layers: [await pushBlob(host, packed, of('layer.v1.tar+gzip'))],
  };
  await put(`http://${host}/v2/base/node/manifests/1`, JSON.stringify(manifest), manifest.mediaType);
}

/** The programs with the libraries that they load, at their places here. */
function layerOfPrograms(folder: string): Buffer {
  const libraries = PROGRAMS.flatMap((program) =>
    [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(
      ([, file = '']) => file,
    ),
  );
  const files = [...new Set([...PROGRAMS, ...libraries])].map((file) => file.slice(1));
  const tar = join(folder, 'base.tar');
  execFileSync('tar', ['-C', '/', '--dereference', '-cf', tar, ...files]);
  return readFileSync(tar);
}

async function pushBlob(host: string, bytes: Buffer, mediaType: string): Promise<unknown> {
  const digest = digestOf(bytes);
  const begun = await fetch(`http://${host}/v2/base/node/blobs/uploads/`, { method: 'POST' });
  const url = new URL(begun.headers.get('location') ?? '', `http://${host}`);
  url.searchParams.set('digest', digest);
  await put(url.href, new Uint8Array(bytes), 'application/octet-stream');
  return { mediaType, size: bytes.length, digest };
}

async function put(url: string, body: string | Uint8Array<ArrayBuffer>, type: string): Promise<void> {
  const { status } = await fetch(url, { method: 'PUT', body, headers: { 'content-type': type } });
  if (status !== 201) throw new Error(`the registry of the lab answers ${status}`);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
