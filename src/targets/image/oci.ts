/** What refers to a blob or a manifest, by its digest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
}

/** One image: its configuration, and its layers from the bottom up. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** One image for several platforms. */
export interface ImageIndex {
  readonly manifests: readonly Descriptor[];
}

/** What a container is run with, and the layers unpacked. Other keys are passed on. */
export interface ImageConfig {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history?: readonly Readonly<Record<string, unknown>>[];
}

interface MediaTypes {
  readonly manifest: string;
  readonly config: string;
  readonly layer: string;
}

const OCI: MediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};
const DOCKER: MediaTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
};
const INDEXES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** What is read of a registry. */
export const ACCEPTED = [...INDEXES, OCI.manifest, DOCKER.manifest].join(', ');

/** The words of an image; those of its base go with layers of its base alone. null: it is no image. */
export function mediaTypesOf(manifestType: string): MediaTypes | null {
  return [OCI, DOCKER].find(({ manifest }) => manifest === manifestType) ?? null;
}

export function isIndexType(type: string): boolean {
  return INDEXES.includes(type);
}
