import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { isIndexType, mediaTypesOf, type ImageConfig, type ImageIndex, type Manifest } from './oci.ts';
import { parseReference, writeReference, type ImageReference } from './reference.ts';
import { Repository, type StoredManifest } from './registry/repository.ts';
import type { Sessions } from './registry/sessions.ts';

/** What an image is put on, as it is for one platform. */
export interface BaseImage {
  readonly reference: ImageReference;
  readonly repository: Repository;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  readonly types: NonNullable<ReturnType<typeof mediaTypesOf>>;
}

/** Finds an image by its name: a tag is what it means now, of several platforms it is the one that is named (`linux/amd64`). */
export async function findBase(
  name: string,
  platform: string,
  sessions: Sessions,
): Promise<Result<BaseImage, Failure>> {
  const parsed = parseReference(name);
  if (!parsed.ok) return err(unusable(name, parsed.error, 'as in node:24-slim'));
  const reference = parsed.value;
  const repository = new Repository(sessions.of(reference.host), reference.repository);
  const found = await repository.manifest(reference.digest ?? reference.tag ?? 'latest');
  if (!found.ok) return found;
  if (found.value === null) {
    return err(unusable(name, `${reference.host} has none`, 'write the name of an image that is there'));
  }
  const one = await ofPlatform(name, found.value, platform, repository);
  if (!one.ok) return one;
  const types = mediaTypesOf(one.value.mediaType);
  const manifest = parsedJson(one.value.text) as Partial<Manifest> | null;
  if (types === null || manifest?.config === undefined || !Array.isArray(manifest.layers)) {
    return err(unusable(name, `it is a ${one.value.mediaType || 'thing without a type'}`, 'name an image'));
  }
  const document = await repository.document(manifest.config.digest);
  if (!document.ok) return document;
  const config = parsedJson(document.value) as ImageConfig | null;
  if (!Array.isArray(config?.rootfs.diff_ids)) {
    return err(unusable(name, 'its configuration is none of an image', 'name an image'));
  }
  const own = `${config.os ?? ''}/${config.architecture ?? ''}`;
  if (!platform.startsWith(own)) {
    return err(
      unusable(
        name,
        `it is for ${own}, and not for ${platform}`,
        `write platform: ${own}, or name another base`,
      ),
    );
  }
  return ok({ reference, repository, manifest: manifest as Manifest, config, types });
}

async function ofPlatform(
  name: string,
  stored: StoredManifest,
  platform: string,
  repository: Repository,
): Promise<Result<StoredManifest, Failure>> {
  if (!isIndexType(stored.mediaType)) return ok(stored);
  const { manifests = [] } = (parsedJson(stored.text) ?? {}) as Partial<ImageIndex>;
  const [os, architecture, variant] = platform.split('/');
  const meant = manifests.find(
    ({ platform: one }) =>
      one?.os === os &&
      one?.architecture === architecture &&
      (variant === undefined || one?.variant === variant),
  );
  if (meant === undefined) {
    const there = manifests
      .map(({ platform: one }) => [one?.os, one?.architecture, one?.variant].filter(Boolean).join('/'))
      .filter((one) => one !== '' && !one.includes('unknown'));
    return err(
      unusable(
        name,
        `it has none for ${platform}`,
        `write platform: with one of ${there.join(', ')}, or name another base`,
      ),
    );
  }
  const found = await repository.manifest(meant.digest);
  if (!found.ok) return found;
  if (found.value !== null) return ok(found.value);
  return err(
    unusable(
      name,
      `${writeReference({ ...repositoryOf(repository), digest: meant.digest })} is missing`,
      'name another base',
    ),
  );
}

function repositoryOf({ session, name }: Repository): Pick<ImageReference, 'host' | 'repository'> {
  return { host: session.host, repository: name };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unusable(name: string, why: string, hint: string): Failure {
  return { code: 'IMAGE_UNUSABLE', message: `cannot use the base image ${name}: ${why}`, hint };
}
