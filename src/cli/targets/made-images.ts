import { dirname, resolve } from 'node:path';
import type { LoadedDocument } from '../../config/load-document.ts';
import type { Failure } from '../../lib/failure.ts';
import { FailureError } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { ChosenImage, ImageBuild, WantedImage } from '../../targets/image/wanted.ts';
import type { ImageNames } from '../../targets/kubernetes/images.ts';
import type { KubernetesProject } from '../../targets/kubernetes/settings.ts';

type DeclaredKubernetes = NonNullable<LoadedDocument['file']['targets']['kubernetes']>;

/** One sensible base for apps of Node. */
const BASE = 'node:24-slim';
const PLATFORM = 'linux/amd64';

/** The images that are to be made: of projects that have apps without one, name none, and say where one is pushed to. Throws. */
export function wantedImages(
  documents: readonly LoadedDocument[],
  projects: readonly KubernetesProject[],
): readonly WantedImage[] {
  return projects.flatMap(({ project, root, apps, settings }): readonly WantedImage[] => {
    const parts = documents.filter((document) => document.project === project);
    const declared = parts.reduce<Partial<DeclaredKubernetes>>(
      (all, { file }) => ({ ...all, ...file.targets.kubernetes }),
      {},
    );
    if (settings.image !== null || apps.every(({ image }) => image !== undefined)) return [];
    const { registry, build } = declared;
    if (registry === undefined) {
      if (build === undefined) return [];
      throw new FailureError({
        code: 'CONFIG_MISSING_KEY',
        message: `targets.kubernetes.build of ${project} does not say where the image is pushed to`,
        hint: 'write registry: HOST/PATH beside it, as in registry: registry.example.com/shop',
        ...(parts[0] !== undefined && { position: { file: parts[0].found.shown } }),
      });
    }
    const { base = BASE, platform = PLATFORM } = declared;
    return [
      {
        ...{ project, root, folder: settings.folder, registry, base, platform },
        build: build === undefined ? null : buildOf(build, root),
        secrets: parts.flatMap((part) => besideCode(part, root)),
      },
    ];
  });
}

/** What stands for images in verbs to which it does not matter which they are. */
export function unmadeImages(wanted: readonly WantedImage[]): ImageNames {
  return new Map(wanted.map(({ project, registry }) => [project, registry]));
}

/** Chooses them, one after the other. `patienceMs`: of each answer of a registry. Loads what that takes. */
export async function chosenImages(
  wanted: readonly WantedImage[],
  env: Readonly<Record<string, string | undefined>>,
  patienceMs: number,
): Promise<Result<readonly ChosenImage[], Failure>> {
  if (wanted.length === 0) return ok([]);
  const { chooseImage } = await import('../../targets/image/choose-image.ts');
  const images: ChosenImage[] = [];
  for (const one of wanted) {
    const chosen = await chooseImage(one, env, patienceMs);
    if (!chosen.ok) {
      for (const image of images) image.close();
      return chosen;
    }
    images.push(chosen.value);
  }
  return ok(images);
}

function buildOf(build: NonNullable<DeclaredKubernetes['build']>, root: string): ImageBuild {
  const { dockerfile, context = '.', command = [] } = build;
  if (dockerfile === undefined) return { command };
  return { dockerfile: resolve(root, dockerfile), context: resolve(root, context) };
}

/** Absolute paths of what says how apps run, gives them secrets, or is written by them. */
function besideCode({ found, over, file, loaded }: LoadedDocument, root: string): readonly string[] {
  const { kubeconfig } = file.targets.kubernetes ?? {};
  const folder = found.path === '-' ? root : dirname(found.path);
  return [
    ...[found, ...over].map(({ path }) => path),
    ...(kubeconfig === undefined ? [] : [resolve(folder, kubeconfig)]),
    ...loaded.apps.flatMap(({ spec, envFiles = [] }) => [
      ...envFiles,
      ...Object.values(spec.env_from).flatMap(({ from_file, from_sops }) =>
        [from_file ?? [], from_sops ?? []].flat(),
      ),
      ...[spec.out_file, spec.error_file, spec.log_file, spec.pid_file].flatMap((path) => path ?? []),
    ]),
  ];
}
