/**
 * Terminology, the same in the file, the code, the API and the docs.
 *
 * - ecosystem file: the declaration. project: the set of apps that one ecosystem file owns.
 * - app: one entry under `apps`, identified by `project/name`.
 * - instance: one running process of an app, in a slot (stable ordinal 0..n-1).
 * - spec: what is declared, normalised. desired: accepted specs plus operator overrides.
 * - observed: the process table as the runner reports it. status: what is published about it.
 * - generation: integer, bumped when the desired state of an app changes.
 * - restartGeneration: a counter beside the spec; bumping it makes every instance outdated.
 * - revision: one accepted version of a project (numbered, hashed, kept).
 */

import type { AppSpec } from './generated/spec.ts';

export type {
  AppSpec,
  Dependency,
  DependencyCondition,
  HooksSpec,
  LimitsSpec,
  PortSpec,
  ProbeSpec,
  ReloadSpec,
  RolloutSpec,
  ServeSpec,
  SocketSpec,
} from './generated/spec.ts';

/** What a change of a field costs: a new process, another number of processes, or nothing. */
export type ChangeClass = 'template' | 'scale' | 'live';

/** Where a project was declared. */
export interface ProjectSource {
  /** Absolute paths of the ecosystem files; `-` for standard input; empty for apps started by hand. */
  readonly files: readonly string[];
  /** The name given with `--env`, or null. */
  readonly env: string | null;
  /** Absolute paths of files that were merged over the first one (`--merge`), in this order. */
  readonly over?: readonly string[];
  /** The values given with `--var`; what is a secret by its name is redacted. */
  readonly vars?: Readonly<Record<string, string>>;
  /** With links on the way: where each of the files really lies. Absent: where `files` says, or it was not recorded. */
  readonly realFiles?: readonly string[];
  /** The files say themselves what their project is called (`project:`). Absent: it is called after a folder. */
  readonly named?: true;
  /** The source that has declared it. Absent: it was applied by hand. */
  readonly origin?: ProjectOrigin;
}

/** A source that the daemon looks at by itself. */
export interface ProjectOrigin {
  readonly source: string;
  /** Of a git source: the commit, in full. */
  readonly commit?: string;
}

/** Files of variables of an app that were not there to be read. */
export interface UnreadVariables {
  /** As they are declared. */
  readonly files: readonly string[];
  /** Variables that do not depend on them: the app says itself what they are. */
  readonly known: readonly string[];
}

/** Names that were others before. */
export interface Moved {
  /** What the project was called. */
  readonly from?: string;
  /** What apps were called, by the name that they have now. */
  readonly apps?: Readonly<Record<string, string>>;
}

/** One project as declared now: what `apply` sends. */
export interface ProjectSpec {
  readonly project: string;
  readonly moved?: Moved;
  readonly source: ProjectSource;
  /** In the order of the file. */
  readonly apps: readonly AppSpec[];
}

/** One field that differs between two specs. `redacted`: the values shown are not the real ones, which differ. */
export interface FieldChange {
  /** Dotted path in the spec: `env.LOG_LEVEL`, `log_rotate.size`, `args`. */
  readonly path: string;
  /** undefined: not set. */
  readonly before: unknown;
  readonly after: unknown;
  readonly class: ChangeClass;
  readonly redacted: boolean;
  /** What the values do not tell: `12 files under api/`. */
  readonly note?: string;
}
