import type { LoadedDocument } from '../../config/load-document.ts';
import { ok } from '../../lib/result.ts';
import { REDACTED } from '../../spec/secrets/redact.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import type { ProjectSource } from '../../spec/types.ts';
import { withImages } from '../../targets/kubernetes/images.ts';
import { openKubernetes } from '../../targets/kubernetes/target.ts';
import { kubernetesProjects } from './kubernetes-projects.ts';
import { chosenImages, unmadeImages, wantedImages } from './made-images.ts';
import type { OpenTarget, ReadHow } from './opening.ts';
import { clusterPlace } from './place.ts';

/** Opens the cluster that files are for. */
export const openKubernetesTarget: OpenTarget = async (documents, how, context) => {
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
};

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
