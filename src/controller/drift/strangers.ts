import { readFileSync } from 'node:fs';
import type { HostDriver } from '../../driver/driver.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Condition } from '../../plan/model/health.ts';
import { REASONS } from '../../plan/model/reasons.ts';
import type { MarkContext } from '../../runner/marks/mark-context.ts';
import { findMarked } from '../../runner/marks/find-marked.ts';
import type { ProcessEntry, Processes, ProcessStat } from '../../runner/processes/processes.ts';
import { groupBy } from '../../lib/collections.ts';
import type { Store } from '../../state/store.ts';
import { processInfo, processText, type ProcessInfo } from '../../triggers/probes/process-info.ts';
import type { Look } from './rounds.ts';
import { DriftShown, type ShowDriftOptions } from './show-drift.ts';

export interface StrangersOptions extends ShowDriftOptions {
  readonly store: Pick<Store, 'appendEvent' | 'desiredApp'>;
  readonly driver: Pick<HostDriver, 'instances' | 'hooks' | 'reachable' | 'runner'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly marks: () => MarkContext;
  /** Absent: looked up on the host. */
  readonly infoOf?: (pid: number) => ProcessInfo;
}

/** A process that carries the marks of an app, and where it is said to belong. */
interface Stranger {
  readonly pid: number;
  readonly startTime: string;
  readonly key: AppKey;
  readonly slot: number;
}

/** A process that is just being started is on the host a moment before it is on the table. */
const SETTLE_MS = 1_000;
/** How many are told of one app. */
const TOLD = 3;

/**
 * Finds processes that carry the marks of an app of this home and that stateward did not start: somebody took over the
 * environment of one, or a process was left that is on no record. They are told of and left alone.
 */
export class Strangers implements Look {
  readonly #options: StrangersOptions;
  readonly #shown: DriftShown;
  #found: readonly Stranger[] = [];

  constructor(options: StrangersOptions) {
    this.#options = options;
    this.#shown = new DriftShown('Strangers', options);
  }

  async look(): Promise<void> {
    const first = await this.#strangers();
    if (first.length > 0) await new Promise<void>((resolve) => this.#options.clock.after(SETTLE_MS, resolve));
    const again = first.length === 0 ? first : await this.#strangers();
    // What cannot be told while the runner does not answer stays as it was.
    if (!this.#options.driver.reachable) return;
    const before = new Set(first.map(({ pid }) => pid));
    this.#show(again.filter(({ pid }) => before.has(pid)));
  }

  /** Those that have ended meanwhile are no more. */
  recheck(): Promise<void> {
    if (this.#found.length === 0) return Promise.resolve();
    const { processes } = this.#options.marks();
    const isThere = ({ pid, startTime }: Stranger): boolean =>
      statOf(pid, processes)?.startTime === startTime;
    this.#show(this.#found.filter(isThere));
    return Promise.resolve();
  }

  #show(found: readonly Stranger[]): void {
    this.#found = found;
    const conditions = [...groupBy(found, ({ key }) => key)].map(
      ([key, ofApp]) => [key, this.#conditionOf(ofApp)] as const,
    );
    this.#shown.show(new Map(conditions));
  }

  async #strangers(): Promise<readonly Stranger[]> {
    const { driver, store } = this.#options;
    const context = this.#options.marks();
    const entries = (await context.processes.scan()).filter(({ nonce }) => nonce !== null);
    // After the scan: what was started during it is known by now.
    const known = new Map([...driver.instances(), ...driver.hooks()].map((one) => [one.nonce, one]));
    const byNonce = groupBy(entries, ({ nonce }) => nonce);
    const ofNobody = findMarked(byNonce, new Set(known.keys()), context).flatMap(({ entry, carriers }) => {
      const { project, app, slot } = entry.labels;
      return carriers.map(({ pid, startTime }) => ({ pid, startTime, key: appKey(project, app), slot }));
    });
    const taken = [...known.values()].flatMap(({ nonce, key, slot, pid, state }) => {
      if (state === 'exited' || pid === null) return [];
      const ofNonce = byNonce.get(nonce) ?? [];
      const above = {
        roots: new Set([pid, driver.runner?.pid ?? -1]),
        carriers: new Set(ofNonce.map((entry) => entry.pid)),
      };
      return ofNonce
        .filter((entry) => entry.pid !== pid && isFromElsewhere(entry, above, context.processes))
        .map((entry) => ({ pid: entry.pid, startTime: entry.startTime, key, slot }));
    });
    return [...ofNobody, ...taken].filter(({ key }) => {
      const app = store.desiredApp(key);
      // What it leaves behind is to stay.
      return app !== undefined && app.spec.leftovers !== 'keep';
    });
  }

  #conditionOf(strangers: readonly Stranger[]): Condition {
    const { infoOf = processInfo } = this.#options;
    const told = strangers.slice(0, TOLD).map(({ pid, slot }) => describe(infoOf(pid), slot));
    const more = strangers.length > TOLD ? `, and ${strangers.length - TOLD} more` : '';
    const pids = strangers.slice(0, TOLD).map(({ pid }) => pid);
    const way = `stateward leaves it alone: kill ${pids.join(' ')} ends it`;
    const message = `${REASONS.MarkedStranger}: ${told.join(', ')}${more}; ${way}`;
    return { type: 'Strangers', status: 'False', reason: 'MarkedStranger', message };
  }
}

/**
 * Whether a process that carries the mark of a running instance was started by somebody else: nearest above it, of those that
 * do not carry the mark, is a process that is neither of the instance nor one that takes over what others leave behind.
 */
function isFromElsewhere(
  { pid }: ProcessEntry,
  { roots, carriers }: { readonly roots: ReadonlySet<number>; readonly carriers: ReadonlySet<number> },
  processes: Processes,
): boolean {
  for (let at = pid, depth = 0; depth < MAX_DEPTH; depth++) {
    const parent = parentOf(at, processes);
    if (parent === null || parent <= 1 || roots.has(parent)) return false;
    if (!carriers.has(parent)) return !isReaper(parent) && !isBelow(parent, roots, processes);
    at = parent;
  }
  return false;
}

/** A program of another user, as of sudo, does not show its mark; what is above it does. */
function isBelow(pid: number, roots: ReadonlySet<number>, processes: Processes): boolean {
  for (let at = pid, depth = 0; depth < MAX_DEPTH; depth++) {
    const parent = parentOf(at, processes);
    if (parent === null || parent <= 1) return false;
    if (roots.has(parent)) return true;
    at = parent;
  }
  return false;
}

const MAX_DEPTH = 64;
/** Programs that are the parent of processes whose own has ended. */
const REAPERS = new Set([
  'systemd',
  'init',
  'tini',
  'dumb-init',
  'catatonit',
  's6-svscan',
  'runsvdir',
  'launchd',
]);

function isReaper(pid: number): boolean {
  try {
    return REAPERS.has(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false;
  }
}

function parentOf(pid: number, processes: Processes): number | null {
  return statOf(pid, processes)?.parent ?? null;
}

function statOf(pid: number, processes: Processes): ProcessStat | null {
  try {
    return processes.stat(pid);
  } catch {
    return null;
  }
}

function describe(info: ProcessInfo, slot: number): string {
  const since = info.startedAt === null ? '' : ` at ${new Date(info.startedAt).toISOString().slice(0, 19)}Z`;
  const { parent } = info;
  const by =
    parent === null ? '' : ` by process ${parent.pid}${parent.command === '' ? '' : ` (${parent.command})`}`;
  return `${processText(info)}, started${since}${by}, says that it is slot ${slot}`;
}
