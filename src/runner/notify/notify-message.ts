/** What a message of an app says, as far as it means anything here; what is not said is absent. */
export interface NotifyMessage {
  readonly ready?: true;
  readonly reloading?: true;
  readonly stopping?: true;
  /** `trigger`: the app says itself that it hangs. */
  readonly watchdog?: 'alive' | 'trigger';
  /** One line, of bounded length. */
  readonly status?: string;
  /** The process that the app is from now on. */
  readonly mainPid?: number;
  /** Milliseconds that it wants to be given from now on. */
  readonly extendMs?: number;
  /** Milliseconds: it will say something at least so often from now on. */
  readonly watchdogMs?: number;
}

const STATUS_LENGTH = 200;
/** Whatever could change a terminal, or break a line. */
const CONTROL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** Reads a message of sd_notify(3): lines of `NAME=value`, in bytes that anybody may have written. */
export function readNotify(bytes: Buffer): NotifyMessage {
  const fields = new Map<string, string>();
  for (const line of bytes.toString('utf8').split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1));
  }
  const watchdog = fields.get('WATCHDOG');
  const status = statusOf(fields);
  const mainPid = numberIn(fields, 'MAINPID');
  const extendUs = numberIn(fields, 'EXTEND_TIMEOUT_USEC');
  const watchdogUs = numberIn(fields, 'WATCHDOG_USEC');
  return {
    ...(fields.get('READY') === '1' && { ready: true as const }),
    ...(fields.get('RELOADING') === '1' && { reloading: true as const }),
    ...(fields.get('STOPPING') === '1' && { stopping: true as const }),
    ...(watchdog === '1' && { watchdog: 'alive' as const }),
    ...(watchdog === 'trigger' && { watchdog: 'trigger' as const }),
    ...(status !== null && { status }),
    ...(mainPid !== null && mainPid > 1 && { mainPid }),
    ...(extendUs !== null && { extendMs: extendUs / 1_000 }),
    ...(watchdogUs !== null && { watchdogMs: watchdogUs / 1_000 }),
  };
}

function numberIn(fields: ReadonlyMap<string, string>, name: string): number | null {
  const text = fields.get(name) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Null: nothing is said. A number of an error counts as one. */
function statusOf(fields: ReadonlyMap<string, string>): string | null {
  const status = fields.get('STATUS');
  const failures = ['ERRNO', 'EXIT_STATUS'].flatMap((name) => {
    const value = fields.get(name);
    return value !== undefined && /^\d{1,5}$/.test(value) ? [`${name} ${value}`] : [];
  });
  if (status === undefined && failures.length === 0) return null;
  const text = [...(status === undefined ? [] : [status]), ...failures].join(', ');
  return text.replaceAll(CONTROL, ' ').trim().slice(0, STATUS_LENGTH);
}
