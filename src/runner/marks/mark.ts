import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import { isLedgerRecord } from '../ledger/replay-ledger.ts';
import type { BackgroundSettings } from '../protocol/orders.ts';

/** What the ledger says of a start. */
export type Intent = Extract<LedgerRecord, { kind: 'intent' }>;

/** What a process carries with it: enough for a runner that finds it and knows nothing else. */
export interface Mark {
  /** Absolute path, without links, of the home that started it. */
  readonly home: string;
  readonly intent: Intent;
  /** Absent: the process that was started is the instance. */
  readonly background?: BackgroundSettings;
}

/** A mark as it was read: `signature` proves that a runner of the home has made it. */
export interface ReadMark {
  readonly mark: Mark;
  readonly signature: string;
  readonly signed: string;
}

/** Text without blanks: where there is no /proc, they separate variables. */
export function markText({ home, intent, background }: Mark, key: Buffer | null): string {
  const { kind: _, ...start } = intent;
  const fields = { home, ...start, ...(background !== undefined && { background }) };
  const text = JSON.stringify(fields).replaceAll(' ', '\\u0020');
  return `${key === null ? '' : sign(text, key)}:${text}`;
}

/** Null: it is none, or of a form that only a newer version knows. */
export function readMark(value: string): ReadMark | null {
  const colon = value.indexOf(':');
  const signed = value.slice(colon + 1);
  try {
    const fields = JSON.parse(signed) as Readonly<Record<string, unknown>> | null;
    if (fields === null || typeof fields.home !== 'string' || !fields.home.startsWith('/')) return null;
    const { home, background, ...start } = fields;
    const intent: unknown = { kind: 'intent', ...start };
    if (!isLedgerRecord(intent) || intent.kind !== 'intent' || !isWhole(intent)) return null;
    const settings = isBackground(background) ? { background } : {};
    return { mark: { home, intent, ...settings }, signature: value.slice(0, colon), signed };
  } catch {
    return null;
  }
}

/** Whether whoever made the mark had the key of the home. */
export function isSigned({ signature, signed }: ReadMark, key: Buffer | null): boolean {
  if (key === null) return false;
  const expected = Buffer.from(sign(signed, key));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function sign(text: string, key: Buffer): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

/** A set of FIFOs is named by the runner: it leads nowhere else. */
const IO_NAME = /^[A-Za-z0-9_-]{0,64}$/;

function isWhole({ labels, logs, io }: Intent): boolean {
  const { project, app, slot } = labels as Partial<Intent['labels']>;
  const { outFile, errorFile, combinedFile } = logs as Partial<Intent['logs']>;
  const files: readonly unknown[] = [outFile, errorFile, combinedFile];
  return (
    typeof project === 'string' &&
    typeof app === 'string' &&
    typeof slot === 'number' &&
    IO_NAME.test(io) &&
    files.every((file) => file === null || (typeof file === 'string' && file.startsWith('/')))
  );
}

function isBackground(value: unknown): value is BackgroundSettings {
  if (typeof value !== 'object' || value === null) return false;
  const { expected, pidFile } = value as Partial<BackgroundSettings>;
  return typeof expected === 'boolean' && (pidFile === null || typeof pidFile === 'string');
}
