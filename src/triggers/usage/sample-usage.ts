import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { readRows } from './process-rows.ts';
import { processTrees, type ProcessRow } from './process-tree.ts';

/** What one process and all below it used: CPU in percent of one processor since the sample before, memory in bytes. */
export interface UsageSample {
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  /** Processor time of all that was ever seen of the tree: it never falls. Absent: it is not known. */
  readonly cpuSeconds?: number;
}

/** Samples the trees below these processes, by pid; a tree of which nothing is left has no entry. Neither rejects. */
export interface UsageSampler {
  /** A whole round: CPU is what was used since the one before. */
  readonly all: (roots: readonly number[]) => Promise<ReadonlyMap<number, UsageSample>>;
  /** Between two rounds, at the cost of these trees only. */
  readonly memory: (
    roots: readonly number[],
  ) => Promise<ReadonlyMap<number, Pick<UsageSample, 'memoryBytes'>>>;
}

/** Linux counts processor time in hundredths of a second on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;
const USUAL_PAGE_BYTES = 4096;
/** How many rounds it takes until every process of the host has been looked at again. */
const ROUNDS_TO_ALL = 6;

/**
 * Samples trees from /proc, all of them with one look at each process of the host. `monotonic`: milliseconds on a clock
 * that does not jump. What belongs to no tree is looked at again in each sixth round only: it cannot come to one, save under
 * the pid of one that has ended meanwhile. Memory between two rounds is that of the processes that a tree had when it was last looked at, and of
 * all that has begun since: nothing else can have come to it, save under the pid of one that has ended meanwhile.
 */
export function procSampler(monotonic: () => number): UsageSampler {
  const pageBytes = readPageBytes();
  let before: { readonly at: number; readonly ticks: ReadonlyMap<string, number> } | undefined;
  /** By the identity of the root. */
  let totals: ReadonlyMap<string, number> = new Map();
  let known: ReadonlyMap<number, ProcessRow> = new Map();
  let rounds = 0;
  const treesOf = async (
    roots: readonly number[],
    reuse?: (pid: number) => ProcessRow | undefined,
  ): Promise<ReadonlyMap<number, readonly ProcessRow[]>> => {
    const rows = await readRows(reuse);
    known = new Map(rows.map((row) => [row.pid, row]));
    return processTrees(roots, rows);
  };
  /** What is known of a process that may not have changed its tree since. */
  const notOfTrees = (roots: readonly number[]): ((pid: number) => ProcessRow | undefined) => {
    const looked = new Set(roots);
    for (const tree of processTrees(roots, [...known.values()]).values())
      for (const { pid } of tree) looked.add(pid);
    return (pid) => (looked.has(pid) ? undefined : known.get(pid));
  };
  const memoryOf = (tree: readonly ProcessRow[]): number =>
    tree.reduce((sum, { pages }) => sum + pages, 0) * pageBytes;
  return {
    async all(roots) {
      if (roots.length === 0) return new Map();
      const trees = await treesOf(roots, rounds++ % ROUNDS_TO_ALL === 0 ? undefined : notOfTrees(roots));
      const at = monotonic();
      const ticks = new Map<string, number>();
      for (const tree of trees.values()) for (const row of tree) ticks.set(identity(row), row.ticks);
      const last = before;
      before = { at, ticks };
      const totalsBefore = totals;
      const totalsNow = new Map<string, number>();
      totals = totalsNow;
      return new Map(
        [...trees].map(([root, tree]) => {
          const used = usedTicks(tree, last?.ticks);
          const leader = tree.find(({ pid }) => pid === root);
          const total = (leader === undefined ? 0 : (totalsBefore.get(identity(leader)) ?? 0)) + used;
          if (leader !== undefined) totalsNow.set(identity(leader), total);
          const cpuSeconds = total / TICKS_PER_SECOND;
          const cpuPercent = last === undefined ? 0 : percentOf(used, at - last.at);
          return [root, { cpuPercent, memoryBytes: memoryOf(tree), cpuSeconds }];
        }),
      );
    },
    async memory(roots) {
      if (roots.length === 0) return new Map();
      const trees = await treesOf(roots, notOfTrees(roots));
      return new Map([...trees].map(([root, tree]) => [root, { memoryBytes: memoryOf(tree) }]));
    },
  };
}

/** All that a process has used is new when the sample before did not have it. */
function usedTicks(tree: readonly ProcessRow[], before: ReadonlyMap<string, number> | undefined): number {
  return tree.reduce((sum, row) => sum + row.ticks - (before?.get(identity(row)) ?? 0), 0);
}

function percentOf(ticks: number, elapsedMs: number): number {
  return elapsedMs <= 0 ? 0 : (ticks / TICKS_PER_SECOND / (elapsedMs / 1000)) * 100;
}

function identity({ pid, startTime }: ProcessRow): string {
  return `${pid}@${startTime}`;
}

/**
 * Samples these trees from /proc as `ps` does: processor time over the whole life of a process. For a first look, before
 * there are two samples to compare.
 */
export async function sampleLifetimes(roots: readonly number[]): Promise<ReadonlyMap<number, UsageSample>> {
  const trees = processTrees(roots, await readRows());
  const pageBytes = readPageBytes();
  const now = uptime();
  return new Map(
    [...trees].map(([root, tree]) => {
      const started = Number(tree.find(({ pid }) => pid === root)?.startTime ?? 0) / TICKS_PER_SECOND;
      const ticks = tree.reduce((sum, row) => sum + row.ticks, 0);
      // A process that has just started has not run for long enough to divide by.
      const seconds = Math.max(1, now - started);
      return [
        root,
        {
          cpuPercent: (ticks / TICKS_PER_SECOND / seconds) * 100,
          memoryBytes: tree.reduce((sum, { pages }) => sum + pages, 0) * pageBytes,
        },
      ];
    }),
  );
}

/** The page size from the auxiliary vector that the kernel gave this process: pairs of words, type and value. */
function readPageBytes(): number {
  const AT_PAGESZ = 6n;
  try {
    const words = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= words.length; at += 16) {
      if (words.readBigUInt64LE(at) === AT_PAGESZ) return Number(words.readBigUInt64LE(at + 8));
    }
  } catch {
    // Not readable here: the usual size.
  }
  return USUAL_PAGE_BYTES;
}

/** Samples single processes, where there is no /proc to find trees in; best effort. */
export const singleProcessSampler: UsageSampler = { all: sampleSingly, memory: sampleSingly };

async function sampleSingly(pids: readonly number[]): Promise<ReadonlyMap<number, UsageSample>> {
  const samples = new Map<number, UsageSample>();
  if (pids.length === 0) return samples;
  const { default: pidusage } = await import('pidusage');
  try {
    for (const [pid, stat] of Object.entries(await pidusage([...pids]))) {
      // A process that ended meanwhile has no entry of its own.
      if (isStat(stat)) samples.set(Number(pid), { cpuPercent: stat.cpu, memoryBytes: stat.memory });
    }
  } catch {
    // No process of the list was there any more: nothing to report.
  }
  return samples;
}

function isStat(stat: unknown): stat is { cpu: number; memory: number } {
  return typeof stat === 'object' && stat !== null && 'cpu' in stat && 'memory' in stat;
}
