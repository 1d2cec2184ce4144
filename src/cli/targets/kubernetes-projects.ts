import { dirname } from 'node:path';
import type { LoadedDocument } from '../../config/load-document.ts';
import { groupBy } from '../../lib/collections.ts';
import { FailureError } from '../../lib/failure.ts';
import { usageError } from '../session/failures.ts';
import { isNamespace } from '../../targets/kubernetes/names.ts';
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
  const projects = groupBy(documents, ({ project }) => project);
  return [...projects].map(([project, parts]) => {
    const apps = parts.flatMap(({ loaded }) => loaded.apps);
    const path = parts[0]?.found.path ?? '-';
    return {
      project,
      root: path === '-' ? cwd : dirname(path),
      apps: apps.map(({ spec }) => spec),
      perProcessor: new Set(
        apps.filter(({ declared }) => isPerProcessor(declared.app.instances)).map(({ spec }) => spec.name),
      ),
      settings: settingsOf(project, parts, flags),
    };
  });
}

/** What the schema says of the same keys in the file. */
function checkFlags({ namespace, image }: KubernetesFlags): void {
  if (namespace !== undefined && !isNamespace(namespace)) {
    throw usageError(
      `--namespace ${JSON.stringify(namespace)}: no namespace can be called so`,
      'small letters, digits and dashes, 63 at most',
    );
  }
  if (image !== undefined && !/^\S+$/.test(image)) {
    throw usageError(
      `--image ${JSON.stringify(image)} names no image`,
      'as in --image registry.example.com/shop:2.4.1',
    );
  }
}

/** `max`, 0 and numbers below it depend on the host. */
function isPerProcessor(instances: number | string | undefined): boolean {
  return instances !== undefined && !(Number(instances) > 0);
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
