import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { ProcessEntry, Processes } from '../processes/processes.ts';
import { signalLeftover } from '../processes/signals.ts';
import type { Instance } from './instance.ts';
import type { SurvivorSearch } from './survivors.ts';

export interface RemainsContext {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly search: SurvivorSearch;
  readonly log: (message: string) => void;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
}

/** How often to look whether what could not be ended has ended after all. */
const POLL_MS = 2_000;

/** Looks after what ended instances have left that could not be ended, until it is gone or nobody asks any more. */
export class RemainsWatch {
  readonly #context: RemainsContext;
  readonly #timers = new Map<Instance, Cancel>();

  constructor(context: RemainsContext) {
    this.#context = context;
  }

  watch(instance: Instance, entries: readonly ProcessEntry[]): void {
    instance.remains = entries;
    if (entries.length > 0) this.#lookLater(instance);
  }

  forget(instance: Instance): void {
    this.#timers.get(instance)?.();
    this.#timers.delete(instance);
  }

  #lookLater(instance: Instance): void {
    this.forget(instance);
    const cancel = this.#context.clock.after(POLL_MS, () => {
      this.#look(instance).catch((error: unknown) => {
        this.#context.log(`cannot look for what ${instance.nonce} has left behind: ${errorMessage(error)}`);
      });
    });
    this.#timers.set(instance, cancel);
  }

  async #look(instance: Instance): Promise<void> {
    const { search, processes, publishInstance } = this.#context;
    let left = search.stillAlive(instance.remains);
    if (left.length === 0) {
      // What it has started meanwhile carries the nonce too.
      const main = { pid: 0, startTime: '0' };
      const { proven } = await search.find({ nonce: instance.nonce, main, group: null });
      if (!this.#timers.has(instance)) return;
      left = proven;
    }
    for (const entry of left) signalLeftover(processes, entry, 'SIGKILL');
    const changed = left.length !== instance.remains.length;
    this.forget(instance);
    this.watch(instance, left);
    if (changed) publishInstance(instance);
  }
}
