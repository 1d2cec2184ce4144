import type { HookName } from '../../../spec/hooks/hooks.ts';
import type { HealthStatus } from '../../../plan/model/health.ts';
import type { Reason } from '../../../plan/model/reasons.ts';
import type { EventRecord } from '../../../state/model/types.ts';

/** One event as sent: EventRecord with an RFC 3339 time. */
export interface EventInfo extends Omit<EventRecord, 'at'> {
  readonly at: string;
}

/** GET /v1/events?after=SEQ&limit=N&selector=S[&follow=true: server-sent, `id:` is the seq]. */
export interface EventList {
  readonly apiVersion: 'v1';
  readonly kind: 'EventList';
  readonly items: readonly EventInfo[];
}

/** What the on_failure hook of an app reads on standard input: one JSON object, on one line. */
export interface FailureReport {
  readonly apiVersion: 'v1';
  readonly kind: 'FailureReport';
  readonly project: string;
  readonly app: string;
  /** RFC 3339. */
  readonly at: string;
  /** Of the event that tells of the failure. */
  readonly seq: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly reason: Reason;
  /** For people. */
  readonly message: string;
  /** null: it is about the whole app. */
  readonly slot: number | null;
  readonly pid: number | null;
  readonly generation: number;
  readonly revision: number;
  /** null: it is not known yet. */
  readonly health: HealthStatus | null;
}

/** One run of a hook; `stopped`: it was ended before its time was over, by an operator or for a newer release. */
export interface HookRunStatus {
  readonly hook: HookName;
  /** Of the process that it is about; null: it is about the whole app. */
  readonly slot: number | null;
  /** Why it ran. */
  readonly reason: Reason;
  readonly revision: number;
  readonly generation: number;
  readonly startedAt: string;
  /** null, as the three below: it goes on. */
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'stopped';
  /** Of one that failed or was stopped: `exited with code 1 after 0.2s`. */
  readonly message: string | null;
  /** What it wrote last; null: nothing, or it is not known. Its log has everything. */
  readonly lastLine: string | null;
}
