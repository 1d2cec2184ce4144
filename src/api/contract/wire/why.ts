import type { AppKey } from '../../../lib/app-key.ts';
import type { Reason } from '../../../plan/model/reasons.ts';
import type { HealthStatus, SyncStatus } from '../../../plan/model/health.ts';
import type { CodeInfo, HoldInfo } from './apps.ts';
import type { DriftInfo } from './drift/drift.ts';
import type { AppSourceInfo } from './sources/app-source.ts';

/** Something that happened to an app, and on whose account. */
export interface WhyFact {
  readonly reason: Reason;
  /** One line. */
  readonly message: string;
  /** RFC 3339. */
  readonly at: string;
}

/** GET /v1/apps/:project/:name/why, and `why -o json`: why an app is as it is. Fields are only ever added. */
export interface WhyDocument {
  readonly apiVersion: 'v1';
  readonly kind: 'Why';
  readonly app: AppKey;
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  readonly readyInstances: number;
  readonly desiredInstances: number;
  /** Since when it is so, as far as is known; null: it is not known. */
  readonly since: string | null;
  /** What made it so: the newest of what was asked for; null: nothing is on record any more. */
  readonly cause: WhyFact | null;
  /** Promises to it that are lost, each with the way out; absent: none. */
  readonly problems?: readonly WhyFact[];
  /** How it differs from what is declared, where no problem says it; absent: in nothing. */
  readonly drift?: readonly DriftInfo[];
  /** What its processes were started from, by slot; absent: not known of any. */
  readonly code?: readonly { readonly slot: number; readonly code: CodeInfo }[];
  /** The code on disk is newer than its processes, and nobody compares it (`code: off`); absent: not so, or not known. */
  readonly codeNewer?: string;
  /** Its rollout: how far it is, or why it waits or has failed; null: there is none, or the last one went well. */
  readonly rollout?: WhyFact | null;
  /** What its instances say of themselves by sd_notify, by slot; absent: nothing. */
  readonly says?: readonly { readonly slot: number; readonly says: string }[];
  /** The last restart that was asked for. */
  readonly lastRestart: WhyFact | null;
  readonly lastExit: (WhyFact & { readonly slot: number }) | null;
  /** What it waits for; times are RFC 3339. */
  readonly waits: readonly Omit<HoldInfo, 'key'>[];
  /** The source that declares it; absent: it was declared by hand. */
  readonly source?: AppSourceInfo;
  /** Commands to try next, the best first. */
  readonly next: readonly string[];
}
