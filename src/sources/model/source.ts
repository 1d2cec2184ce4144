/**
 * A declared source, normalised: paths are absolute, durations milliseconds. It is what `source apply` sends and what is
 * kept; made of `sources.yaml` by config/sources.
 */
import {
  isAmount,
  isFlag,
  isName,
  isOneOf,
  isText,
  nullable,
  objectOf,
  type Check,
} from '../../lib/checks.ts';

export interface SourceSpec {
  readonly name: string;
  readonly from: SourceOrigin;
  /** As with `--env`. */
  readonly environment: string | null;
  /** How often it is looked at; null: only when somebody asks. */
  readonly pollMs: number | null;
  readonly sync: SyncMode;
  readonly prune: boolean;
}

/**
 * `auto`: what is new is applied. `manual`: it waits for somebody who asks for it. `observe`: it is never applied.
 */
export type SyncMode = 'auto' | 'manual' | 'observe';

/** Where the declaration is. */
export type SourceOrigin = FollowedFile;

/** A file of this host, applied when it changes. */
export interface FollowedFile {
  readonly kind: 'follow';
  /** Absolute. */
  readonly file: string;
}

export const DEFAULT_POLL_MS = { follow: 1_000 } as const;

const isOrigin: Check = objectOf<FollowedFile>({ kind: isOneOf('follow'), file: isText });

export const isSourceSpec: Check = objectOf<SourceSpec>({
  name: isName,
  from: isOrigin,
  environment: nullable(isText),
  pollMs: nullable(isAmount),
  sync: isOneOf('auto', 'manual', 'observe'),
  prune: isFlag,
});

/** Where a source is, for people. */
export function describeSourceOrigin({ from }: SourceSpec): string {
  return from.file;
}
