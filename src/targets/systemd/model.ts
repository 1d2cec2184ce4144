import type { AppSpec } from '../../spec/types.ts';

/** What the units of every project need to know of the host. */
export interface SystemdHost {
  /** Absolute path of the Node that runs apps here. */
  readonly node: string;
  /** Who apps without `uid` run as; null: root. */
  readonly user: string | null;
  /** Absolute path of the folder where files of secret variables lie, `<project>/<app>.env`. */
  readonly secrets: string;
}

export interface SystemdProject {
  readonly project: string;
  readonly apps: readonly AppSpec[];
  /** Names of apps whose number of instances depends on the processors of a host. */
  readonly perProcessor: ReadonlySet<string>;
  readonly host: SystemdHost;
}

/** One app with all that its units are made of. */
export interface SystemdApp {
  readonly project: string;
  readonly spec: AppSpec;
  /** What its units are called, without slot and kind. */
  readonly name: string;
  readonly perProcessor: ReadonlySet<string>;
  readonly host: SystemdHost;
  /** The apps of the project, by name. */
  readonly others: ReadonlyMap<string, AppSpec>;
}

/** A file of systemd: its name, and what is in it. */
export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** systemd.unit(5): what a name of a unit may have, less what its templates and escapes mean. */
export function unitName(project: string, app: string): string {
  return `${project}-${app}`.replace(/[^A-Za-z0-9:_.]+/g, '-').replace(/^-+|-+$/g, '');
}

/** Names of the services of an app, one a slot, without `.service`. */
export function serviceNames(name: string, { instances }: Pick<AppSpec, 'instances'>): readonly string[] {
  if (instances === 1) return [name];
  return Array.from({ length: instances }, (_, slot) => `${name}-${slot}`);
}
