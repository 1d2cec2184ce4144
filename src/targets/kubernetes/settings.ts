import type { AppSpec } from '../../spec/types.ts';
import type { ContainerApp } from '../container/command.ts';

/** `targets.kubernetes` of an ecosystem file. */
export interface KubernetesSettings {
  /** Namespace of every object. It has to exist. */
  readonly namespace: string;
  /** Image of the apps that name none themselves. */
  readonly image: string | null;
  /** Where the folder of the ecosystem file is in the image: an absolute path. */
  readonly folder: string;
  /** Name of the Secret that has the secret variables of all apps; null: one for each app, `<name>-secrets`. */
  readonly secret: string | null;
}

/** One project, as it is to run there. */
export interface KubernetesProject {
  readonly project: string;
  /** Absolute path of the folder of the ecosystem file. */
  readonly root: string;
  readonly apps: readonly AppSpec[];
  /** Names of apps whose number of instances depends on the processors of a host (`max`, 0, -1). */
  readonly perProcessor?: ReadonlySet<string>;
  readonly settings: KubernetesSettings;
}

/** One app with all that its objects are made of. */
export interface KubernetesApp extends Omit<KubernetesProject, 'apps'> {
  readonly spec: AppSpec;
  /** What its objects are called. */
  readonly name: string;
  /** Values that other apps give to it: of the jobs that run anew with each release. */
  readonly releases: readonly AppSpec[];
}

/** What its image has of it. */
export function inContainer({ spec, root, settings }: KubernetesApp): ContainerApp {
  return { spec, root, folder: settings.folder };
}
