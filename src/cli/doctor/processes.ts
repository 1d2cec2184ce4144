import type { Host } from './host.ts';

/** A process as /proc shows it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly name: string;
  /** One letter: `S`, `T` stopped, `Z` ended and not reaped. */
  readonly state: string;
  readonly parent: number;
}

/** What a process carries in its environment of the instance that it belongs to. */
export interface Mark {
  readonly nonce: string;
  /** Absent: a process of a version that did not say. */
  readonly home?: string;
  /** `project/app:slot` */
  readonly label: string;
}

export function processes(host: Host): readonly ProcessInfo[] {
  const pids = (host.list('/proc') ?? []).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => processInfo(host, Number(pid)) ?? []);
}

export function processInfo(host: Host, pid: number): ProcessInfo | null {
  const stat = host.read(`/proc/${pid}/stat`);
  const end = stat?.lastIndexOf(')') ?? -1;
  if (stat === null || end === -1) return null;
  const [state = '', parent = ''] = stat.slice(end + 2).split(' ');
  return { pid, name: stat.slice(stat.indexOf('(') + 1, end), state, parent: Number(parent) };
}

/** The mark of a process; null: it has none, or is not ours to read. */
export function markOf(host: Host, pid: number): Mark | null {
  const entries = host.read(`/proc/${pid}/environ`)?.split('\0') ?? [];
  const value = (name: string): string | undefined =>
    entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  const nonce = value('STATEWARD_INSTANCE');
  if (nonce === undefined) return null;
  const home = homeIn(value('STATEWARD_MARK') ?? '');
  const label = `${value('STATEWARD_PROJECT') ?? '?'}/${value('STATEWARD_APP') ?? '?'}:${value('STATEWARD_SLOT') ?? '?'}`;
  return { nonce, label, ...(home !== undefined && { home }) };
}

/** `signature:{"home": …}` */
function homeIn(mark: string): string | undefined {
  try {
    const { home } = JSON.parse(mark.slice(mark.indexOf(':') + 1)) as { home?: unknown };
    return typeof home === 'string' ? home : undefined;
  } catch {
    return undefined;
  }
}

/** A limit of a process, see getrlimit(2): the one that counts, or Infinity; null: not known. */
export function limitOf(host: Host, pid: number | 'self', what: 'open files' | 'processes'): number | null {
  const text = host.read(`/proc/${pid}/limits`);
  const soft = new RegExp(`^Max ${what}\\s+(\\d+|unlimited)`, 'm').exec(text ?? '')?.[1];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Infinity : Number(soft);
}
