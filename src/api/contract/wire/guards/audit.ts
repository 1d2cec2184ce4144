/** One line of the audit log, as it stands there. */
export type AuditEntryInfo = Readonly<Record<string, unknown>> & {
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  /** `revision`, `verb`, `act`, `undone`, `mended`; more may come. */
  readonly kind: string;
  readonly previous: string;
  readonly hash: string;
};

/** GET /v1/audit: the newest lines, oldest first. */
export interface AuditList {
  readonly apiVersion: 'v1';
  readonly kind: 'AuditList';
  readonly items: readonly AuditEntryInfo[];
}

/** GET /v1/audit/verdict: whether the chain of the log is whole. */
export interface AuditVerdictInfo {
  readonly apiVersion: 'v1';
  readonly kind: 'AuditVerdict';
  readonly whole: boolean;
  readonly entries: number;
  /** The last entry: its number, 0 without any, and its hash, to be compared with one that was noted elsewhere. */
  readonly head: { readonly seq: number; readonly hash: string };
  /** What is wrong, each with its place; at most 20. */
  readonly problems: readonly string[];
}
