import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { BaseImage } from './base-image.ts';
import type { WrittenLayer } from './layer/layer.ts';
import type { Descriptor } from './oci.ts';
import { notARegistry, unreachable } from './registry/failures.ts';
import { digestOf, type Repository } from './registry/repository.ts';
import type { Publishing } from './wanted.ts';

/** An image that is to be pushed: what it stands on, and what is its own. */
export interface LayersToPublish {
  readonly base: BaseImage;
  readonly target: Repository;
  readonly tag: string;
  readonly layers: readonly WrittenLayer[];
  /** JSON, as it is to be stored. */
  readonly config: string;
  readonly manifest: string;
}

/**
 * Pushes what the registry does not have: the layers of the base, taken over from where they are, those of the app, and at
 * last what names them all. Nothing names an image that is not there as a whole.
 */
export async function publishLayers(
  { base, target, tag, layers, config, manifest }: LayersToPublish,
  { said }: Publishing,
): Promise<Result<void, Failure>> {
  for (const layer of base.manifest.layers) {
    const there = await takeOver(layer, base.repository, target, said);
    if (!there.ok) return there;
  }
  const document = {
    digest: digestOf(config),
    size: Buffer.byteLength(config),
    open: bytesOf(Buffer.from(config)),
  };
  for (const blob of [...layers, document]) {
    const has = await target.has(blob.digest);
    if (!has.ok) return has;
    if (has.value) continue;
    if (blob !== document) said(`pushing ${megabytes(blob.size)} to ${target.shown}`);
    const pushed = await target.push(blob);
    if (!pushed.ok) return pushed;
  }
  return target.putManifest(tag, base.types.manifest, manifest);
}

/** A layer of the base: there already, taken over inside of the registry, or copied. */
async function takeOver(
  { digest, size }: Descriptor,
  from: Repository,
  target: Repository,
  said: Publishing['said'],
): Promise<Result<void, Failure>> {
  const has = await target.has(digest);
  if (!has.ok) return has;
  if (has.value) return ok(undefined);
  if (from.session.host === target.session.host) {
    const mounted = await target.mount(digest, from.name);
    if (!mounted.ok) return mounted;
    if (mounted.value) return ok(undefined);
  }
  said(`copying ${megabytes(size)} of ${from.shown} to ${target.shown}`);
  const folder = mkdtempSync(join(tmpdir(), 'stw-layer-'));
  try {
    const file = join(folder, 'layer');
    const copied = await download(from, digest, file);
    if (!copied.ok) return copied;
    return await target.push({ digest, size, open: (at) => createReadStream(file, { start: at }) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** To a file, so that a push that breaks off can go on. */
async function download(from: Repository, digest: string, file: string): Promise<Result<void, Failure>> {
  const what = `cannot read ${from.shown}@${digest}`;
  const opened = await from.open(digest);
  if (!opened.ok) return opened;
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.from(opened.value), hashing, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    return err(unreachable(from.session.host, what, error));
  }
  if (`sha256:${hash.digest('hex')}` === digest) return ok(undefined);
  return err(notARegistry(from.session.host, what, 'gives something else than that digest'));
}

function bytesOf(bytes: Buffer): (from: number) => AsyncIterable<Uint8Array> {
  return (from) => Readable.from([bytes.subarray(from)]);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
