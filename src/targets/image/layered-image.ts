import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { findBase, type BaseImage } from './base-image.ts';
import { appFiles, type AppFile } from './layer/app-files.ts';
import { diffIdOf, writeLayer, type LayerContent, type WrittenLayer } from './layer/layer.ts';
import type { Descriptor, ImageConfig, Manifest } from './oci.ts';
import { publishLayers } from './publish-layers.ts';
import { parseRepository, writeReference } from './reference.ts';
import { digestOf, Repository } from './registry/repository.ts';
import type { Sessions } from './registry/sessions.ts';
import type { ChosenImage, WantedImage } from './wanted.ts';

/**
 * The files of a folder on a base image, without any program but this one. What it is made of says what it is: the same files
 * on the same base are the same image, whoever makes it, and one that the registry has is not made again.
 */
export async function layeredImage(
  wanted: WantedImage,
  sessions: Sessions,
): Promise<Result<ChosenImage, Failure>> {
  const place = parseRepository(wanted.registry);
  if (!place.ok) return err(noRegistry(wanted, place.error));
  const files = appFiles(wanted.root, { links: 'inside', without: below(wanted) });
  if (!files.ok) return files;
  const base = await findBase(wanted.base, wanted.platform, sessions);
  if (!base.ok) return base;
  const contents = layersOf(wanted.folder, files.value);
  const diffIds = await Promise.all(contents.map(diffIdOf));
  const config = configOf(base.value, wanted, diffIds);
  const configDigest = digestOf(config);
  // It says what is in the image, however the layers are compressed.
  const tag = configDigest.slice('sha256:'.length).slice(0, 32);
  const target = new Repository(sessions.of(place.value.host), place.value.repository);
  const stored = await target.manifest(tag);
  if (!stored.ok) return stored;
  const known = { project: wanted.project, close: () => undefined };
  if (stored.value !== null && isOf(stored.value.text, configDigest)) {
    const reference = writeReference({ ...place.value, digest: stored.value.digest });
    return ok({ ...known, reference, state: 'there', publish: () => Promise.resolve(ok(reference)) });
  }
  const folder = mkdtempSync(join(tmpdir(), 'stw-image-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  const layers: WrittenLayer[] = [];
  for (const [index, content] of contents.entries()) {
    const layer = await writeLayer(content, join(folder, `${index}.tar.gz`));
    if (layer.diffId !== diffIds[index]) {
      close();
      return err({
        code: 'IMAGE_UNUSABLE',
        message: `no image can be made of ${wanted.root}: files have changed while they were read`,
        hint: 'repeat the command when nothing writes there, or leave them out with a line in .dockerignore',
      });
    }
    layers.push(layer);
  }
  const manifest = manifestOf(base.value, { digest: configDigest, size: Buffer.byteLength(config) }, layers);
  const reference = writeReference({ ...place.value, digest: digestOf(manifest) });
  return ok({
    ...{ project: wanted.project, reference, state: 'to push', close },
    publish: async (how) => {
      const pushed = await publishLayers({ base: base.value, target, tag, layers, config, manifest }, how);
      return pushed.ok ? ok(reference) : pushed;
    },
  });
}

/** Packages apart from the rest: they are most of it, and seldom what has changed. */
function layersOf(folder: string, files: readonly AppFile[]): readonly LayerContent[] {
  const isPackage = ({ path }: AppFile): boolean => path.split('/').includes('node_modules');
  const packages = files.filter(isPackage);
  const own = files.filter((file) => !isPackage(file));
  return [packages, own].filter((some) => some.length > 0).map((some) => ({ folder, files: some }));
}

/** What the file says of secrets and logs that is below its folder. */
export function below({ root, secrets }: Pick<WantedImage, 'root' | 'secrets'>): ReadonlySet<string> {
  return new Set(
    secrets.map((file) => relative(root, file)).filter((path) => path !== '' && !path.startsWith('..')),
  );
}

function configOf(base: BaseImage, { folder }: WantedImage, diffIds: readonly string[]): string {
  const { rootfs, history = [], config = {}, ...rest } = base.config;
  const created = new Date(0).toISOString();
  const own: ImageConfig & { readonly created: string } = {
    ...rest,
    created,
    config: { ...config, WorkingDir: folder },
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, ...diffIds] },
    history: [...history, ...diffIds.map(() => ({ created, created_by: 'stateward' }))],
  };
  return JSON.stringify(own);
}

function manifestOf(
  { manifest, types }: BaseImage,
  config: Pick<Descriptor, 'digest' | 'size'>,
  layers: readonly WrittenLayer[],
): string {
  const own: Manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, ...config },
    layers: [
      ...manifest.layers,
      ...layers.map(({ digest, size }) => ({ mediaType: types.layer, size, digest })),
    ],
  };
  return JSON.stringify(own);
}

/** Whether what stands under a tag is what the tag says. */
function isOf(text: string, configDigest: string): boolean {
  try {
    return (JSON.parse(text) as Partial<Manifest>).config?.digest === configDigest;
  } catch {
    return false;
  }
}

export function noRegistry({ registry }: WantedImage, why: string): Failure {
  return {
    code: 'CONFIG_BAD_VALUE',
    message: `targets.kubernetes.registry ${JSON.stringify(registry)} is no place for images: ${why}`,
    hint: 'as in registry: registry.example.com/shop',
  };
}
