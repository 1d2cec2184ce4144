import { createHash } from 'node:crypto';
import type { AppKey } from '../../lib/app-key.ts';
import { canonicalJson } from '../../lib/values/canonical-json.ts';

/** Who had something changed, and how they said it. */
export interface Made {
  readonly by: string;
  /** `restart shop/api`, `apply -f ecosystem.yaml`. */
  readonly command: string;
}

/** What was accepted. */
export type AuditedChange =
  /** A revision of a project. */
  | (Made & {
      readonly kind: 'revision';
      readonly project: string;
      readonly revision: number;
      /** Hash over the whole declared project, as in its history. */
      readonly spec: string;
      readonly commit?: string;
      readonly apps: readonly { readonly app: string; readonly change: string }[];
    })
  /** What somebody has asked of apps, with the generation that each got by it. */
  | (Made & {
      readonly kind: 'verb';
      readonly apps: readonly { readonly app: AppKey; readonly generation: number }[];
    })
  /** Something that changes nothing of what is desired. */
  | (Made & { readonly kind: 'act'; readonly about: string })
  /** The entry of this number was written, and what it tells of did not come about. */
  | { readonly kind: 'undone'; readonly of: number; readonly why: string }
  /** What was found wrong with the log itself. */
  | { readonly kind: 'mended'; readonly why: string };

/**
 * One line of the audit log. `hash` is the SHA-256 (hexadecimal) of the canonical JSON of all else in it, and `previous` is
 * that of the line before: what is changed, left out or put in later breaks the chain from there on.
 */
export type AuditEntry = AuditedChange & {
  /** From 1, without gaps. */
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
};

/** Where a chain stands. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first entry. */
export const NO_ENTRY: AuditHead = { seq: 0, hash: '0'.repeat(64) };

/** The entry that comes after `head`. `at`: epoch milliseconds. */
export function sealEntry(change: AuditedChange, at: number, head: AuditHead): AuditEntry {
  const open = { ...change, seq: head.seq + 1, at: new Date(at).toISOString(), previous: head.hash };
  return { ...open, hash: hashOf(open) };
}

/** What the hash of an entry is to be. */
export function hashOf(entry: object): string {
  const { hash: _, ...open } = entry as Partial<AuditEntry>;
  return createHash('sha256').update(canonicalJson(open)).digest('hex');
}

/** An entry as a line of the log. */
export function auditLine(entry: AuditEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
