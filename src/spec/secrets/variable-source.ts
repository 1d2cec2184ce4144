import type { AppSpec } from '../types.ts';

/** Where the value of a variable is read: one of `from_...`. */
export type VariableSource = AppSpec['env_from'][string];

export const SOURCE_KINDS = ['from_file', 'from_exec', 'from_env', 'from_credential', 'from_sops'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Kinds that run a program: nothing but a start, and what belongs to one, reads them. */
const RUNS_PROGRAM: ReadonlySet<SourceKind> = new Set(['from_exec', 'from_sops']);

/** The kind of a source; undefined: it has none, which no checked spec holds. */
export function sourceKind(source: VariableSource): SourceKind | undefined {
  return SOURCE_KINDS.find((kind) => source[kind] !== undefined);
}

/** Whether the value can be had without running a program of the user. */
export function isReadable(source: VariableSource): boolean {
  const kind = sourceKind(source);
  return kind !== undefined && !RUNS_PROGRAM.has(kind);
}

/** `from_file /srv/shop/secrets/db`, `from_sops /srv/s.yaml db.password`; of a program its name alone, which may get secrets. */
export function describeSource(source: VariableSource): string {
  const { from_file, from_exec, from_env, from_credential, from_sops, key } = source;
  if (from_exec !== undefined) return `from_exec ${from_exec[0] ?? ''}`;
  if (from_sops !== undefined) return `from_sops ${from_sops}${key === undefined ? '' : ` ${key}`}`;
  if (from_file !== undefined) return `from_file ${from_file}`;
  return from_env === undefined ? `from_credential ${from_credential ?? ''}` : `from_env ${from_env}`;
}
