import type { LimitsOutcome } from '../cgroup/cgroup.ts';
import type { InstanceLabels, LeftoversPolicy, LogSettings } from '../protocol/orders.ts';
import type { RunnerExit } from '../protocol/reports.ts';
import type { NotifyPlace } from '../notify/notify-place.ts';
import type { TuningOutcome } from '../tuning/outcome.ts';
import { unreachable } from '../../lib/unreachable.ts';

/**
 * One line of run/ledger.ndjson. A record states what is so from now on, so that reading one twice does no harm.
 *
 *   intent ──▶ started ──▶ exit ──▶ forget       (update, reload, ready, listening, tuning: any time while it lives)
 */
export type LedgerRecord =
  /** About to be spawned. `io`: name of its set of FIFOs under run/io. */
  | {
      readonly kind: 'intent';
      readonly nonce: string;
      readonly labels: InstanceLabels;
      readonly logs: LogSettings;
      readonly io: string;
      /** Epoch milliseconds. */
      readonly at: number;
      /** It has a channel, and an agent that gets it another one; absent: neither. */
      readonly ipc?: boolean;
      /** Absent: it shares no sockets. */
      readonly shared?: boolean;
      /** Absent: not said. */
      readonly leftovers?: LeftoversPolicy;
      /** Where the sockets listen that it is started with; absent: none. */
      readonly sockets?: readonly string[];
    }
  | {
      readonly kind: 'started';
      readonly nonce: string;
      readonly pid: number;
      readonly startTime: string;
      readonly bootId: string;
      readonly at: number;
      /** Absent: started without. */
      readonly limits?: LimitsOutcome;
      /** It has gone into the background without its nonce: its pid file names it. */
      readonly byFile?: boolean;
      /** Absent: it was to have nothing. */
      readonly tuning?: TuningOutcome;
      /** Absent: it says nothing of itself. */
      readonly notify?: NotifyPlace;
    }
  | {
      readonly kind: 'update';
      readonly nonce: string;
      readonly labels: InstanceLabels;
      readonly logs: LogSettings;
      /** Absent: as before. */
      readonly leftovers?: LeftoversPolicy;
    }
  | { readonly kind: 'tuning'; readonly nonce: string; readonly tuning: TuningOutcome }
  /** It was asked to read its settings again, and `message` says why it has not; absent: it has. */
  | {
      readonly kind: 'reload';
      readonly nonce: string;
      readonly count: number;
      readonly labels: InstanceLabels;
      /** Epoch milliseconds. */
      readonly at: number;
      readonly message?: string;
    }
  /** It has said that it is ready. */
  | { readonly kind: 'ready'; readonly nonce: string }
  /** All the shared sockets that it listens on now. */
  | { readonly kind: 'listening'; readonly nonce: string; readonly addresses: readonly string[] }
  | { readonly kind: 'exit'; readonly nonce: string; readonly exit: RunnerExit }
  | { readonly kind: 'forget'; readonly nonce: string };

/** What the records of one instance add up to. */
export interface LedgerEntry {
  readonly nonce: string;
  readonly labels: InstanceLabels;
  readonly logs: LogSettings;
  readonly io: string;
  readonly at: number;
  readonly process: { readonly pid: number; readonly startTime: string; readonly bootId: string } | null;
  readonly exit: RunnerExit | null;
  readonly ready: boolean;
  readonly limits: LimitsOutcome | null;
  /** It was started with a channel, and with an agent that comes back to a later runner. */
  readonly ipc: boolean;
  /** Null: it shares no sockets. */
  readonly listening: readonly string[] | null;
  /** Null: not said. */
  readonly leftovers: LeftoversPolicy | null;
  /** Where the sockets listen that it was started with; absent: none. */
  readonly sockets?: readonly string[];
  /** That its pid file named it proves it ours, and no nonce. */
  readonly byFile: boolean;
  /** Null: it was to have nothing. */
  readonly tuning: TuningOutcome | null;
  /** Null: it says nothing of itself. */
  readonly notify: NotifyPlace | null;
  /** Its last reload that is over; null: there was none. */
  readonly reload: { readonly count: number; readonly at: number; readonly message: string | null } | null;
}

/** The records that add up to `entry` again. */
export function recordsOf(entry: LedgerEntry): LedgerRecord[] {
  const { nonce, labels, logs, io, at, process, exit, ready, limits, ipc, listening, leftovers, byFile } =
    entry;
  const { sockets, tuning, notify, reload } = entry;
  const facts = {
    ...(limits !== null && { limits }),
    ...(byFile && { byFile }),
    ...(tuning !== null && { tuning }),
    ...(notify !== null && { notify }),
  };
  const shared = { ...(ipc && { ipc }), ...(listening !== null && { shared: true }) };
  return [
    {
      ...{ kind: 'intent', nonce, labels, logs, io, at, ...shared },
      ...(leftovers !== null && { leftovers }),
      ...(sockets !== undefined && { sockets }),
    },
    ...(process === null ? [] : [{ kind: 'started', nonce, ...process, at, ...facts } as const]),
    ...(reload === null ? [] : [reloadRecord(nonce, labels, reload)]),
    ...(ready ? [{ kind: 'ready', nonce } as const] : []),
    ...(listening?.length ? [{ kind: 'listening', nonce, addresses: listening } as const] : []),
    ...(exit === null ? [] : [{ kind: 'exit', nonce, exit } as const]),
  ];
}

function reloadRecord(
  nonce: string,
  labels: InstanceLabels,
  { count, at, message }: NonNullable<LedgerEntry['reload']>,
): LedgerRecord {
  return { kind: 'reload', nonce, count, labels, at, ...(message !== null && { message }) };
}

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
  tuning: { tuning: 'object' },
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
    case 'tuning':
      return { tuning: record.tuning };
    case 'reload': {
      const { labels, count, at, message = null } = record;
      return { labels, reload: { count, at, message } };
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
