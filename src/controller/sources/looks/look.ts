import type { Failure } from '../../../lib/failure.ts';
import type { HostWord } from '../../../sources/model/host-word.ts';
import type { SourceRecord, Version } from '../../../sources/model/record.ts';

/** What looking at a source has found. */
export type LookResult =
  /** `word`: what the host that goes first says of it (null: nothing yet); absent: none does. */
  | { readonly kind: 'version'; readonly version: Version; readonly word?: HostWord | null }
  /** Somebody writes to it: it is looked at again soon. */
  | { readonly kind: 'changing'; readonly againMs: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Looks at a source for something new. `signal` ends the look. */
export interface Looker {
  look(record: SourceRecord, now: number, signal?: AbortSignal): Promise<LookResult>;
}
