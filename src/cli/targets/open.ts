import type { LoadedDocument } from '../../config/load-document.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { REDACTED } from '../../spec/secrets/redact.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import type { ProjectSource } from '../../spec/types.ts';
import { withImages, type Images } from '../../targets/kubernetes/images.ts';
import type { WantedImage } from '../../targets/image/wanted.ts';
import { openKubernetes } from '../../targets/kubernetes/target.ts';
import { kubernetesProjects } from './kubernetes-projects.ts';
import { chosenImages, unmadeImages, wantedImages } from './made-images.ts';
import type { MadeImages, OpenTarget, ReadHow } from './opening.ts';
import type { CliContext } from '../session/context.ts';
import { clusterPlace } from './place.ts';

/** How long an answer of a registry is waited for: where nothing can be done without it, and where something else is shown. */
const NEEDED_MS = 60_000;
const WANTED_MS = 5000;

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
    // What is made later, or was not found out, has a name in the place of its own.
    projects: how.images === 'needed' ? projects : withImages(projects, unmadeImages(wanted)),
    ...{ place, image: how.image ?? null, env: context.env },
    chooseImages: () => imagesFor(how.images, wanted, context.env),
  });
};

async function imagesFor(
  need: MadeImages,
  wanted: readonly WantedImage[],
  env: CliContext['env'],
): Promise<Result<Images, Failure>> {
  if (need === 'unneeded') return ok({ known: [], unknown: null });
  const chosen = await chosenImages(wanted, env, need === 'wanted' ? WANTED_MS : NEEDED_MS);
  if (chosen.ok) return ok({ known: chosen.value, unknown: null });
  if (need === 'needed') return chosen;
  return ok({ known: [], unknown: { why: chosen.error, projects: wanted.map(({ project }) => project) } });
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
