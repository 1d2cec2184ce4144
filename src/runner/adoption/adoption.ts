import type { Clock } from '../../lib/clocks/clock.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import { groupBy } from '../../lib/collections.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { findBackground } from '../instances/background.ts';
import type { Instance, Phase } from '../instances/instance.ts';
import type { LedgerEntry } from '../ledger/ledger-record.ts';
import {
  findMarked,
  isForeign,
  withoutForeign,
  type ByNonce,
  type MarkedInstance,
} from '../marks/find-marked.ts';
import type { MarkContext } from '../marks/mark-context.ts';
import { notedExit } from '../output/exit-note.ts';
import type { OutputContext } from '../output/instance-output.ts';
import { IdentityWatch } from '../processes/identity-watch.ts';
import type { ProcessEntry, ProcessIdentity } from '../processes/processes.ts';
import { exitOfGone, fateOf, type Fate } from './fate.ts';
import { reopenOutput, restore } from './restored.ts';

export interface AdoptionContext extends MarkContext {
  readonly clock: Clock;
  readonly output: OutputContext;
  /** The process of an adopted or unproven instance is gone. */
  readonly onEnd: (instance: Instance) => void;
  readonly log: (message: string) => void;
  /** The runner before lives: it says how processes ended, and when outputs are to be read. */
  readonly isTold?: boolean;
}

export interface Adopted {
  readonly instance: Instance;
  /** Its main process has ended since, and something of it lives: the end of it is to be wrapped up. */
  readonly endedMeanwhile: boolean;
  /** What lives of one that the earlier runner had seen exit. */
  readonly leftBehind: readonly ProcessEntry[];
}

/**
 * Turns what an earlier runner wrote down, and what it left on the host, into instances. The FIFOs come first: until
 * they are read again, apps queue up behind 64 KiB. Then each process has to prove itself, by boot, start time and
 * nonce; one that is there but cannot is `unverified`, and left alone.
 *
 * The ledger is what is remembered, and the host is what is believed: a process that carries a mark of this home is an
 * instance, whether the ledger knows it or not, and nothing else is started into its slot.
 */
export async function adoptInstances(
  entries: readonly LedgerEntry[],
  context: AdoptionContext,
): Promise<readonly Adopted[]> {
  failpoint('adopt.read');
  const restored = entries.map((entry) => ({ entry, instance: restore(entry, context) }));
  for (const { entry, instance } of restored) {
    if (entry.exit === null) reopenOutput(instance, entry.process?.pid ?? null, context);
  }
  const { ofNonce, found, isOutdated } = await lookAtHost(entries, context);
  const remembered = restored.flatMap(({ entry, instance }) => {
    if (isOutdated(entry)) return [];
    return [adoptRemembered(entry, instance, ofNonce.get(entry.nonce) ?? [], context)];
  });
  return [...remembered, ...found.flatMap((one) => adoptFound(one, context) ?? [])];
}

export interface HostView {
  /** What there is of this home, by the nonce that it carries. */
  readonly ofNonce: ByNonce;
  /** Instances that the ledger does not know. */
  readonly found: readonly MarkedInstance[];
  /** Whether an entry is of another home, or of a time before what is found. */
  readonly isOutdated: (entry: LedgerEntry) => boolean;
}

/** Looks at the processes of the host for those of this home. */
export async function lookAtHost(
  entries: readonly LedgerEntry[],
  context: MarkContext & { readonly log?: (message: string) => void },
): Promise<HostView> {
  const all = groupByNonce(await context.processes.scan());
  // Of each process once: to read its environment takes as long as all the rest.
  const foreign = new Map<number, boolean>();
  const isOfAnother = (pid: number): boolean => {
    const known = foreign.get(pid) ?? isForeign(pid, context);
    foreign.set(pid, known);
    return known;
  };
  const ofNonce = withoutForeign(all, isOfAnother);
  const found = findMarked(ofNonce, new Set(entries.map(({ nonce }) => nonce)), context);
  const isOutdated = (entry: LedgerEntry): boolean => {
    const why = whyOutdated(entry, { all, ofNonce, found, isOfAnother }, context);
    if (why !== null) context.log?.(`passed over ${entry.nonce} of the ledger: ${why}`);
    return why !== null;
  };
  return { ofNonce, found, isOutdated };
}

interface LookedAt extends Pick<HostView, 'ofNonce' | 'found'> {
  readonly all: ByNonce;
  readonly isOfAnother: (pid: number) => boolean;
}

function whyOutdated(
  entry: LedgerEntry,
  { all, ofNonce, found, isOfAnother }: LookedAt,
  context: MarkContext,
): string | null {
  const { nonce, labels, exit, at, process } = entry;
  const carriedElsewhere = all.get(nonce)?.some(({ pid }) => isOfAnother(pid)) === true;
  if (carriedElsewhere || (process !== null && exit === null && isOfAnother(process.pid))) {
    return 'its process is of another home, which this ledger was copied from';
  }
  if (exit !== null || (ofNonce.get(nonce)?.length ?? 0) > 0) return null;
  const { kind } = fateOf(entry, [], context.processes);
  if (kind === 'ours' || kind === 'unproven') return null;
  const isFollowed = found.some(
    ({ main, entry: { labels: later, at: since } }) =>
      main !== null &&
      since >= at &&
      later.project === labels.project &&
      later.app === labels.app &&
      later.slot === labels.slot,
  );
  return isFollowed ? 'it is of a time before what runs in its slot' : null;
}

function adoptRemembered(
  entry: LedgerEntry,
  instance: Instance,
  found: readonly ProcessEntry[],
  context: AdoptionContext,
): Adopted {
  if (entry.exit !== null) {
    const leftBehind = entry.leftovers?.mode === 'end' ? found : [];
    return { instance, endedMeanwhile: false, leftBehind };
  }
  const fate = toldOf(fateOf(entry, found, context.processes), entry, context);
  instance.phase = phaseOf(instance, fate, context);
  return { instance, endedMeanwhile: fate.kind === 'left-behind', leftBehind: [] };
}

/** How one ended that the runner before tells of is known as soon as it has said so. */
function toldOf(fate: Fate, { process }: LedgerEntry, { isTold = false }: AdoptionContext): Fate {
  return fate.kind === 'gone' && process !== null && isTold
    ? { kind: 'left-behind', identity: process }
    : fate;
}

/** Null: what lives of it is to be left alone. */
function adoptFound(found: MarkedInstance, context: AdoptionContext): Adopted | null {
  const { entry, main, background } = found;
  const instance = { ...restore(entry, context), byMark: true, background };
  if (main !== null) {
    reopenOutput(instance, main.pid, context);
    instance.phase = phaseOf(instance, { kind: 'ours', identity: main }, context);
    return { instance, endedMeanwhile: false, leftBehind: [] };
  }
  const gone = endedMain(found, context);
  const inBackground = background?.expected === true ? backgroundOf(found, context) : null;
  if (inBackground !== null) {
    reopenOutput(instance, inBackground.identity.pid, context);
    instance.inBackground = inBackground;
    instance.phase = phaseOf(instance, { kind: 'ours', identity: inBackground.identity }, context);
    return { instance, endedMeanwhile: false, leftBehind: [] };
  }
  if (entry.leftovers?.mode !== 'end') return null;
  instance.phase = phaseOf(instance, { kind: 'left-behind', identity: gone }, context);
  return { instance, endedMeanwhile: true, leftBehind: [] };
}

/** A main process that nobody has seen: its group, which the kernel gives to nobody else, has its number. */
function endedMain({ carriers }: MarkedInstance, { processes }: AdoptionContext): ProcessIdentity {
  return { pid: carriers[0]?.group ?? 0, startTime: '0', bootId: processes.bootId };
}

function backgroundOf(
  { entry, carriers, background }: MarkedInstance,
  { processes }: AdoptionContext,
): Instance['inBackground'] {
  if (background === null) return null;
  const main = { startTime: '0' };
  return findBackground({ settings: background, proven: carriers, main, startedAt: entry.at }, processes);
}

/** The processes but our own, by the nonce that they carry; null: those without one. */
export function groupByNonce(scanned: readonly ProcessEntry[]): ByNonce {
  return groupBy(
    scanned.filter(({ pid }) => pid !== process.pid),
    ({ nonce }) => nonce,
  );
}

function phaseOf(instance: Instance, fate: Fate, context: AdoptionContext): Phase {
  const { clock, processes, onEnd } = context;
  const code = fate.kind === 'gone' ? notedExit(context.output.folder, instance.io) : null;
  const noted = code === null ? {} : { code };
  switch (fate.kind) {
    case 'ours':
    case 'unproven': {
      const { identity } = fate;
      const watch = new IdentityWatch(clock, processes, { identity, onEnd: () => onEnd(instance) });
      const state = fate.kind === 'ours' ? 'running' : 'unverified';
      return { state, process: { identity, watch } };
    }
    case 'left-behind':
      return { state: 'running', process: { identity: fate.identity, watch: null } };
    case 'gone':
    case 'host-restarted':
    case 'never-started':
      return { state: 'exited', exit: { ...exitOfGone(fate.kind, instance.startedAt, clock), ...noted } };
    default:
      return unreachable(fate);
  }
}
