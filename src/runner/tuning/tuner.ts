import { sameValue } from '../../lib/values/same-value.ts';
import { appOf, groupOf, processOf, type Instance } from '../instances/instance.ts';
import type { SurvivorSearch } from '../instances/survivors.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import type { Tuning } from '../protocol/orders.ts';
import { give } from './give.ts';
import type { Unmet } from './outcome.ts';
import { wayOut } from './outcome.ts';
import { inFull, seenOf } from './own.ts';
import { drifted, instead } from './seen.ts';
import { settingsOf, type Setting } from './settings.ts';

export interface TunerContext {
  readonly search: SurvivorSearch;
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
}

/** A process may start another one while it is looked at. */
const ROUNDS = 5;

/**
 * Gives instances that run another tuning: the main process and all that it has started.
 *
 *   set or partly ──other settings──▶ changing ──each process has been asked──▶ set or partly
 *                                        ▲ └──other settings──┐
 *                                        └────────────────────┘
 */
export class Tuner {
  readonly #context: TunerContext;
  /** What comes after what is under way. */
  readonly #underWay = new Map<Instance, Promise<void>>();

  constructor(context: TunerContext) {
    this.#context = context;
  }

  /** To be called with what an instance is to have; nothing is done where it was asked for before. */
  change(instance: Instance, wanted: Tuning): void {
    const before = instance.tuning?.asked ?? {};
    if (sameValue(before, wanted)) return;
    instance.tuning = { asked: wanted, unmet: null };
    void this.#context.record({ kind: 'tuning', nonce: instance.nonce, tuning: instance.tuning }, false);
    this.#queue(instance, before, wanted);
  }

  /** Goes on with what an earlier runner has begun: what it has done already does no harm. */
  resume(instance: Instance): void {
    if (instance.tuning?.unmet === null) this.#queue(instance, {}, instance.tuning.asked);
  }

  /** Gives the setting again to every process of the instance that has `found` in its place. Null: they have it; else why not. */
  async giveAgain(instance: Instance, setting: Setting, found: string): Promise<string | null> {
    const pids = (await this.#pidsOf(instance)).filter((pid) => drifted(setting, seenOf(pid)) === found);
    const why = await give(setting, pids);
    return why === null ? null : `${why}; ${wayOut(setting)}`;
  }

  /** What was found to be not in force of what an instance has. */
  found(instance: Instance, unmet: readonly Unmet[]): void {
    const { tuning, nonce } = instance;
    if (tuning === null) return;
    instance.tuning = { asked: tuning.asked, unmet };
    void this.#context.record({ kind: 'tuning', nonce, tuning: instance.tuning }, false);
    this.#context.publishInstance(instance);
  }

  #queue(instance: Instance, before: Tuning, wanted: Tuning): void {
    const earlier = this.#underWay.get(instance) ?? Promise.resolve();
    const done = earlier.then(() => this.#bringAbout(instance, before, wanted));
    this.#underWay.set(instance, done);
    void done.finally(() => {
      if (this.#underWay.get(instance) === done) this.#underWay.delete(instance);
    });
  }

  async #bringAbout(instance: Instance, before: Tuning, wanted: Tuning): Promise<void> {
    const unmet = await this.#give(instance, settingsOf(inFull(before, wanted)));
    const { tuning, nonce } = instance;
    // Other settings came meanwhile, and have the last word.
    if (tuning === null || !sameValue(tuning.asked, wanted)) return;
    instance.tuning = { asked: wanted, unmet };
    void this.#context.record({ kind: 'tuning', nonce, tuning: instance.tuning }, false);
    this.#context.publishInstance(instance);
  }

  async #give(instance: Instance, settings: readonly Setting[]): Promise<readonly Unmet[]> {
    const refused = new Map<string, Unmet>();
    const done = new Set<number>();
    for (let round = 1; round <= ROUNDS; round++) {
      const pids = (await this.#pidsOf(instance)).filter((pid) => !done.has(pid));
      if (pids.length === 0) break;
      for (const setting of settings) {
        const why = (await give(setting, pids)) ?? shortfall(setting, pids);
        if (why !== null) refused.set(setting.key, unmetOf(setting, why, appOf(instance)));
      }
      for (const pid of pids) done.add(pid);
    }
    return [...refused.values()];
  }

  async #pidsOf(instance: Instance): Promise<readonly number[]> {
    const main = processOf(instance)?.identity;
    if (main === undefined || instance.phase.state === 'unverified') return [];
    const { proven } = await this.#context.search.find({
      nonce: instance.nonce,
      main,
      group: groupOf(instance),
    });
    return processOf(instance)?.identity.pid === main.pid ? [main.pid, ...proven.map(({ pid }) => pid)] : [];
  }
}

/** The kernel took the processors that there are, and said nothing of the others. */
function shortfall(setting: Setting, [main]: readonly number[]): string | null {
  if (setting.tuning.cpus === undefined || main === undefined) return null;
  const found = instead(setting, seenOf(main));
  return found === null ? null : `the host gives ${found}`;
}

function unmetOf(setting: Setting, why: string, app: string): Unmet {
  const { key, value } = setting;
  const way = `"stateward restart ${app}" gives it what a new process may have, or ${wayOut(setting)}`;
  return { key, message: `${key} ${value} is not in force in what runs: ${why}; ${way}` };
}
