import { unreachable } from '../../lib/unreachable.ts';
import type { LedgerEntry, LedgerRecord } from './ledger-record.ts';

/**
 * Adds up the text of a ledger. A line that is torn or that a newer version wrote is passed over: every other line
 * still stands, and an instance of which a line is missing is proven by its process, not by the ledger.
 */
export function replayLedger(text: string): { entries: LedgerEntry[]; skipped: number } {
  const entries = new Map<string, LedgerEntry>();
  let skipped = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const record = parseRecord(line);
    if (record === null) skipped++;
    else applyRecord(entries, record);
  }
  return { entries: [...entries.values()], skipped };
}

function parseRecord(line: string): LedgerRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return isLedgerRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const FIELDS: Readonly<Record<LedgerRecord['kind'], Readonly<Record<string, string>>>> = {
  intent: { labels: 'object', logs: 'object', io: 'string', at: 'number' },
  started: { pid: 'number', startTime: 'string', bootId: 'string', at: 'number' },
  update: { labels: 'object', logs: 'object' },
  notify: { notify: 'object' },
  tuning: { tuning: 'object' },
  reloading: { count: 'number', at: 'number', underWay: 'object' },
  reload: { count: 'number', labels: 'object', at: 'number' },
  ready: {},
  listening: { addresses: 'object' },
  exit: { exit: 'object' },
  forget: {},
};

/** Whether it has every field that a record of its kind needs. */
export function isLedgerRecord(value: unknown): value is LedgerRecord {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  if (typeof fields.nonce !== 'string' || typeof fields.kind !== 'string') return false;
  if (!Object.hasOwn(FIELDS, fields.kind)) return false;
  const expected = FIELDS[fields.kind as LedgerRecord['kind']];
  return Object.entries(expected).every(
    ([name, type]) => typeof fields[name] === type && fields[name] !== null,
  );
}

/** What a start adds up to before anything else is known of it. */
export function entryOfIntent(intent: Extract<LedgerRecord, { kind: 'intent' }>): LedgerEntry {
  const { nonce, labels, logs, io, at, ipc = false, shared = false, leftovers = null } = intent;
  const { sockets } = intent;
  return {
    nonce,
    labels,
    logs,
    io,
    at,
    process: null,
    exit: null,
    ready: false,
    limits: null,
    ipc,
    listening: shared ? [] : null,
    leftovers,
    ...(sockets !== undefined && { sockets }),
    byFile: false,
    tuning: null,
    notify: null,
    reload: null,
  };
}

function applyRecord(entries: Map<string, LedgerEntry>, record: LedgerRecord): void {
  const { nonce } = record;
  const entry = entries.get(nonce);
  if (record.kind === 'intent') {
    entries.set(nonce, entryOfIntent(record));
  } else if (record.kind === 'forget') {
    entries.delete(nonce);
  } else if (entry !== undefined) {
    entries.set(nonce, { ...entry, ...changeOf(record) });
  }
}

function changeOf(record: Exclude<LedgerRecord, { kind: 'intent' | 'forget' }>): Partial<LedgerEntry> {
  switch (record.kind) {
    case 'started': {
      const { pid, startTime, bootId, at, limits = null, byFile = false } = record;
      const { tuning = null, notify = null } = record;
      return { process: { pid, startTime, bootId }, at, limits, byFile, tuning, notify };
    }
    case 'update': {
      const { labels, logs, leftovers } = record;
      return { labels, logs, ...(leftovers !== undefined && { leftovers }) };
    }
    case 'notify':
      return { notify: record.notify };
    case 'tuning':
      return { tuning: record.tuning };
    case 'reloading': {
      const { count, at, underWay } = record;
      return { reload: { count, at, message: null, underWay } };
    }
    case 'reload': {
      const { labels, count, at, message = null } = record;
      return { labels, reload: { count, at, message, underWay: null } };
    }
    case 'ready':
      return { ready: true };
    case 'listening':
      return { listening: record.addresses };
    case 'exit':
      return { exit: record.exit };
    default:
      return unreachable(record);
  }
}
