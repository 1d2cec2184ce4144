import type { LimitsOutcome } from '../cgroup/cgroup.ts';
import type { InstanceLabels, LeftoversPolicy, LogSettings } from '../protocol/orders.ts';
import type { RunnerExit } from '../protocol/reports.ts';
import type { NotifyPlace } from '../notify/notify-place.ts';
import type { ReloadUnderWay } from '../errands/reload-under-way.ts';
import type { TuningOutcome } from '../tuning/outcome.ts';

/**
 * One line of run/ledger.ndjson. A record states what is so from now on, so that reading one twice does no harm.
 *
 *   intent ──▶ started ──▶ exit ──▶ forget       (update, reloading, reload, ready, listening, tuning, notify: any time while it lives)
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
  /** It is to say that it is alive at other times than before. */
  | { readonly kind: 'notify'; readonly nonce: string; readonly notify: NotifyPlace }
  | { readonly kind: 'tuning'; readonly nonce: string; readonly tuning: TuningOutcome }
  /** About to be asked to read its settings again; what comes of it follows. */
  | {
      readonly kind: 'reloading';
      readonly nonce: string;
      readonly count: number;
      /** Epoch milliseconds. */
      readonly at: number;
      readonly underWay: ReloadUnderWay;
    }
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
  /** Its last reload; null: there was none. */
  readonly reload: {
    readonly count: number;
    readonly at: number;
    readonly message: string | null;
    /** Null or absent: it is over. */
    readonly underWay?: ReloadUnderWay | null;
  } | null;
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
  { count, at, message, underWay = null }: NonNullable<LedgerEntry['reload']>,
): LedgerRecord {
  if (underWay !== null) return { kind: 'reloading', nonce, count, at, underWay };
  return { kind: 'reload', nonce, count, labels, at, ...(message !== null && { message }) };
}
