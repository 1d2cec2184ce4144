import type { LedgerEntry } from '../ledger/ledger-record.ts';
import { entryOfIntent } from '../ledger/replay-ledger.ts';
import { MARK_VARIABLE } from '../processes/nonce.ts';
import type { ProcessEntry, ProcessIdentity, Processes } from '../processes/processes.ts';
import type { BackgroundSettings } from '../protocol/orders.ts';
import { cgroupOf } from './cgroup-of.ts';
import type { MarkContext } from './mark-context.ts';
import { isSigned, readMark, type Mark } from './mark.ts';
import { olderMark } from './older-mark.ts';
import { isOwnUser, originOf } from './origin.ts';

/** The processes of the host but our own, by the nonce that they carry; null: those without one. */
export type ByNonce = ReadonlyMap<string | null, readonly ProcessEntry[]>;

/** An instance that nobody has told us of, and what of it lives. */
export interface MarkedInstance {
  readonly entry: LedgerEntry;
  readonly background: BackgroundSettings | null;
  /** The process that was started; null: it has ended, and others that carry its nonce have not. */
  readonly main: ProcessIdentity | null;
  readonly carriers: readonly ProcessEntry[];
}

/** Leaves out the processes of other homes: a ledger that was copied with its home tells of them too. */
export function withoutForeign(ofNonce: ByNonce, isOfAnother: (pid: number) => boolean): ByNonce {
  const kept = [...ofNonce].map(([nonce, entries]) => {
    const ours = nonce === null ? entries : entries.filter(({ pid }) => !isOfAnother(pid));
    return [nonce, ours] as const;
  });
  return new Map(kept);
}

/** Whether a process was started by another home that is still there. */
export function isForeign(pid: number, { processes, home }: MarkContext): boolean {
  const value = processes.variable(pid, MARK_VARIABLE);
  const read = value === null ? null : readMark(value);
  return read !== null && originOf(pid, read.mark.home, home) === 'foreign';
}

/** The instances of this home that live on the host under nonces that are not known. */
export function findMarked(
  ofNonce: ByNonce,
  known: ReadonlySet<string>,
  context: MarkContext,
): readonly MarkedInstance[] {
  return [...ofNonce].flatMap(([nonce, entries]) => {
    if (nonce === null || known.has(nonce)) return [];
    const marked = entries.flatMap((entry) => {
      const mark = markOf(entry.pid, nonce, context);
      return mark === null ? [] : [{ entry, mark }];
    });
    const [first] = marked;
    if (first === undefined) return [];
    return [
      instanceOf(
        first.mark,
        marked.map(({ entry }) => entry),
        context,
      ),
    ];
  });
}

/** The mark of a process where it can be believed; null: it has none of this home. */
function markOf(pid: number, nonce: string, context: MarkContext): Mark | null {
  const { processes, home, key } = context;
  const value = processes.variable(pid, MARK_VARIABLE);
  if (value === null) return isOwnUser(pid) ? olderMark(pid, nonce, context) : null;
  const read = readMark(value);
  if (read?.mark.intent.nonce !== nonce) return null;
  // Any user can write anything into an environment.
  if (!isOwnUser(pid) && !isSigned(read, key)) return null;
  return originOf(pid, read.mark.home, home) === 'ours' ? read.mark : null;
}

function instanceOf(
  { intent, background }: Mark,
  carriers: readonly ProcessEntry[],
  { processes }: MarkContext,
): MarkedInstance {
  const entry = entryOfIntent(intent);
  const main = mainOf(carriers, processes);
  const limits = main === null ? null : cgroupOf(main.pid, intent.nonce);
  return { entry: { ...entry, process: main, limits }, background: background ?? null, main, carriers };
}

/**
 * The process that was started leads a session, which we have given it, and none that carries its nonce is its parent.
 * The oldest of several: others have left its session since.
 */
export function mainOf(carriers: readonly ProcessEntry[], processes: Processes): ProcessIdentity | null {
  const pids = new Set(carriers.map(({ pid }) => pid));
  const [first] = carriers
    .filter(({ pid, startTime }) => {
      const stat = processes.stat(pid);
      if (stat === null || stat.zombie || stat.startTime !== startTime) return false;
      return (stat.session ?? stat.group) === pid && stat.group === pid && !pids.has(stat.parent);
    })
    .sort((a, b) => Number(a.startTime) - Number(b.startTime) || a.pid - b.pid);
  return first === undefined
    ? null
    : { pid: first.pid, startTime: first.startTime, bootId: processes.bootId };
}
