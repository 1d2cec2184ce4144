import type { HostWord } from '../model/host-word.ts';
import type { WaitForSpec } from '../model/source.ts';
import type { Drift } from '../model/drift.ts';

/** What is to be done about a source next. */
export type Step =
  | { readonly kind: 'look' }
  | { readonly kind: 'deploy'; readonly version: string; readonly by: string }
  /** The projects of what has failed are to be what they were with the last good version. */
  | { readonly kind: 'go-back' }
  /** What people have made otherwise is taken back to what the applied version declares. */
  | { readonly kind: 'heal' }
  /** Hosts that wait for this one are told what has become of a version here. */
  | { readonly kind: 'announce'; readonly version: string; readonly word: Omit<HostWord, 'host'> }
  | Wait;

export interface Wait {
  readonly kind: 'wait';
  /** Epoch milliseconds at which it is to be asked again; null: when something happens. */
  readonly until: number | null;
  readonly reason: WaitReason;
  readonly message: string;
}

export type WaitReason =
  | 'Suspended'
  | 'Elsewhere'
  | 'Closed'
  | 'BackOff'
  | 'UpToDate'
  | 'Progressing'
  | 'Quarantined'
  | 'WaitsForSync'
  | 'Observed'
  | 'NotFetched'
  /** It was taken back, and somebody has done it again. */
  | 'HealsLater'
  /** Another host goes first, and has said nothing yet, nothing for too long, or that it has failed. */
  | 'WaitsForHost'
  | 'HostSilent'
  | 'HostFailed';

/** When what is to be done at the earliest, in epoch milliseconds. Not durable: a controller that starts looks at once. */
export interface Looks {
  /** When it is to be looked again, also because somebody asks; null: only then. */
  readonly nextAt: number | null;
  /** What could not be carried out for a reason that passes is not tried before. null: nothing waits. */
  readonly retryAt: number | null;
  /** Nothing new is applied by itself before then (null: it is not known when). Absent: it may be. */
  readonly closed?: { readonly until: number | null };
  /** The source is for other hosts: which. Absent: it is for this one. */
  readonly elsewhere?: string;
  /** What people have made otherwise than the applied version declares it. Absent: nothing. */
  readonly drifts?: readonly Drift[];
  /** Somebody was seen to write to it, and what it holds is not known yet. */
  readonly changing?: true;
  /** Who goes first. Absent: this host, or every host by itself. */
  readonly waitsFor?: WaitForSpec;
  /** Others wait for this host. */
  readonly isFirst?: true;
}
