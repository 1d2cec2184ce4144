import type { AppSpec } from '../../spec/types.ts';

/** One project, as it is to run with Nomad. */
export interface NomadProject {
  readonly project: string;
  /** Absolute path of the folder of the ecosystem file. */
  readonly root: string;
  readonly apps: readonly AppSpec[];
  /** Names of apps whose number of instances depends on the processors of a host. */
  readonly perProcessor: ReadonlySet<string>;
  /** Image of the apps that name none themselves; null: they run as processes of the node, which has their files. */
  readonly image: string | null;
  /** Where the folder of the ecosystem file is in the images: an absolute path. */
  readonly folder: string;
  /** Absolute path of Node on the nodes. */
  readonly node: string;
}

/** One app with all that its job is made of. */
export interface NomadApp extends Omit<NomadProject, 'apps'> {
  readonly spec: AppSpec;
  /** What its job is called. */
  readonly id: string;
}

/** A job as `nomad job run -json` takes it, with the fields of Nomad's API. Durations are in nanoseconds. */
export interface NomadJob {
  readonly ID: string;
  readonly Type: 'service' | 'batch';
  readonly TaskGroups: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** Other characters than letters, digits, `.`, `_` and `-` as dashes; at most 128. */
export function jobId(project: string, app: string): string {
  return `${project}-${app}`
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 128)
    .replace(/^-+|-+$/g, '');
}

export function imageOf({ spec, image }: NomadApp): string | null {
  return spec.image ?? image;
}

/** An app that ends by itself. */
export function isBatch({ autorestart, schedule }: AppSpec): boolean {
  return !autorestart || schedule !== null;
}

/** Milliseconds in the unit of Nomad's API. */
export function nanoseconds(milliseconds: number): number {
  return milliseconds * 1_000_000;
}
