import type { AppSpec } from '../../spec/types.ts';
import type { ContainerApp } from '../container/command.ts';

/** One project, as it is to run with Docker Compose. */
export interface ComposeProject {
  readonly project: string;
  /** Absolute path of the folder of the ecosystem file. */
  readonly root: string;
  readonly apps: readonly AppSpec[];
  /** Names of apps whose number of instances depends on the processors of a host. */
  readonly perProcessor: ReadonlySet<string>;
  /** Image of the apps that name none themselves; null: it is built from the folder of the file. */
  readonly image: string | null;
  /** Where the folder of the ecosystem file is in the images: an absolute path. */
  readonly folder: string;
}

/** One app with all that its service is made of. */
export interface ComposeApp extends ContainerApp {
  readonly project: string;
  readonly image: string | null;
  readonly perProcessor: ReadonlySet<string>;
  /** The apps of the project, by name. */
  readonly others: ReadonlyMap<string, AppSpec>;
}

/** A Compose file, as the Compose Specification has it. */
export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A service is called so: other characters as dashes. Empty where nothing is left of the name. */
export function serviceName(app: string): string {
  return app.replace(/[^a-zA-Z0-9._-]+/g, '-').replace(/^[-._]+|[-._]+$/g, '');
}

/** A duration in milliseconds as Compose writes it. */
export function composeDuration(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** `$` would begin a variable. */
export function literal<V>(value: V): V {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$') as V;
  if (Array.isArray(value)) return value.map(literal) as V;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal<unknown>(inner)])) as V;
}
