import type { LoadedDocument } from '../../config/load-document.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { Failure } from '../../lib/failure.ts';
import { REDACTED } from '../../spec/secrets/redact.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import type { ProjectSource } from '../../spec/types.ts';
import type { Target } from '../../targets/model/target.ts';
import { withImages } from '../../targets/kubernetes/images.ts';
import { openKubernetes } from '../../targets/kubernetes/target.ts';
import type { CliContext } from '../session/context.ts';
import type { Variants } from '../variants/variants.ts';
import { kubernetesProjects } from './kubernetes-projects.ts';
import { chosenImages, unmadeImages, wantedImages } from './made-images.ts';
import { clusterPlace } from './place.ts';

/** How files were read, so that a saved plan can read them again. */
export interface ReadHow extends Variants {
  readonly env: string | undefined;
  readonly image: string | undefined;
  /** Whether it matters which image is made for projects that name none: that takes reading their folders. */
  readonly needsImage: boolean;
}

/** Opens the target that files are for. Throws what is wrong in the files. */
export async function openTarget(
  documents: readonly LoadedDocument[],
  how: ReadHow,
  context: CliContext,
): Promise<Result<Target, Failure>> {
  const place = clusterPlace(documents, context.cwd);
  const projects = kubernetesProjects(documents, { image: how.image }, context.cwd).map((project) => ({
    ...project,
    source: sourceOf(
      documents.filter((document) => document.project === project.project),
      how,
    ),
  }));
  const wanted = wantedImages(documents, projects);
  return openKubernetes({
    projects: how.needsImage ? projects : withImages(projects, unmadeImages(wanted)),
    ...{ place, image: how.image ?? null, env: context.env },
    chooseImages: () => (how.needsImage ? chosenImages(wanted, context.env) : Promise.resolve(ok([]))),
  });
}

function sourceOf(documents: readonly LoadedDocument[], { env, vars }: ReadHow): ProjectSource {
  const shown = Object.entries(vars).map(([name, value]) => [name, isSecretName(name) ? REDACTED : value]);
  const over = documents.flatMap((document) => document.over.map(({ path }) => path));
  return {
    files: documents.map(({ found }) => found.path),
    env: env ?? null,
    ...(over.length > 0 && { over }),
    ...(shown.length > 0 && { vars: Object.fromEntries(shown) as Record<string, string> }),
  };
}
