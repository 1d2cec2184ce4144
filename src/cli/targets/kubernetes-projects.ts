import type { LoadedDocument } from '../../config/load-document.ts';
import { FailureError } from '../../lib/failure.ts';
import { usageError } from '../session/failures.ts';
import { isNamespace } from '../../targets/kubernetes/names.ts';
import { checkImage } from './image.ts';
import { declaredProjects } from './declared-projects.ts';
import type { KubernetesProject, KubernetesSettings } from '../../targets/kubernetes/settings.ts';

/** What the command line says of it, over what the file says. */
export interface KubernetesFlags {
  readonly namespace?: string | undefined;
  readonly image?: string | undefined;
}

type DeclaredKubernetes = NonNullable<LoadedDocument['file']['targets']['kubernetes']>;

/** Where an image has the folder of the ecosystem file, unless it is said. */
const FOLDER = '/app';

/** The projects of ecosystem files, as they are to run there. `cwd`: the folder of what comes from standard input. Throws. */
export function kubernetesProjects(
  documents: readonly LoadedDocument[],
  flags: KubernetesFlags,
  cwd: string,
): readonly KubernetesProject[] {
  checkFlags(flags);
  return declaredProjects(documents, cwd).map(({ parts, ...project }) => ({
    ...project,
    settings: settingsOf(project.project, parts, flags),
  }));
}

/** What the schema says of the same keys in the file. */
function checkFlags({ namespace, image }: KubernetesFlags): void {
  if (namespace !== undefined && !isNamespace(namespace)) {
    throw usageError(
      `--namespace ${JSON.stringify(namespace)}: no namespace can be called so`,
      'small letters, digits and dashes, 63 at most',
    );
  }
  checkImage(image);
}

function settingsOf(
  project: string,
  parts: readonly LoadedDocument[],
  flags: KubernetesFlags,
): KubernetesSettings {
  const declared = parts.reduce<Partial<DeclaredKubernetes>>(
    (all, { file }) => ({ ...all, ...file.targets.kubernetes }),
    {},
  );
  const namespace = flags.namespace ?? declared.namespace;
  if (namespace === undefined) {
    throw new FailureError({
      code: 'CONFIG_MISSING_KEY',
      message: `nothing says which namespace ${project} belongs to`,
      hint: 'write targets: { kubernetes: { namespace: NAME } }, or --namespace NAME',
      ...(parts[0] !== undefined && { position: { file: parts[0].found.shown } }),
    });
  }
  return {
    namespace,
    image: flags.image ?? declared.image ?? null,
    folder: declared.folder ?? FOLDER,
    secret: declared.secret ?? null,
  };
}
