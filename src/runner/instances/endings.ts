import type { Cgroups } from '../cgroup/cgroup.ts';
import type { Cancel, Clock } from '../clock.ts';
import { processOf, upMs, type Instance, type LiveProcess } from './instance.ts';
import type { ProcessEntry, Processes } from '../processes/processes.ts';
import type { RunnerEvent, RunnerExit, StopSpec } from '../protocol/messages.ts';
import { groupExists, signalLeftover } from '../processes/signals.ts';
import { StopSequence, type Notify } from './stop-sequence.ts';
import type { Survivors, SurvivorSearch } from './survivors.ts';
import { errorMessage } from '../../lib/system-error.ts';

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface EndingsContext {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly search: SurvivorSearch;
  readonly cgroups: Cgroups;
  readonly publish: (event: RunnerEvent) => void;
  readonly log: (message: string) => void;
  /** The main process is no more. */
  readonly onMainEnded: (instance: Instance) => void;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
  readonly exited: (instance: Instance, exit: RunnerExit) => void;
}

/** How often to look whether what could not be ended has ended after all. */
const REMAINS_POLL_MS = 2_000;

/**
 * How instances end: asked to or by themselves, with all that their main process has started. An instance has exited
 * when nothing of it is left that can be ended, so that its slot is never filled while what was there before goes on.
 */
export class Endings {
  readonly #context: EndingsContext;
  readonly #ending = new WeakSet<Instance>();
  readonly #remains = new Map<Instance, Cancel>();

  constructor(context: EndingsContext) {
    this.#context = context;
  }

  /** Asks the process to end. One whose main process has just ended by itself is at it already. */
  stop(instance: Instance, process: LiveProcess, spec: StopSpec): void {
    if (this.#ending.has(instance)) return;
    const stop = this.#sequence(instance, process, spec);
    instance.phase = { state: 'stopping', process, stop, leftBehind: null };
    this.#context.publishInstance(instance);
    process.watch?.expectEnd();
  }

  /** To be called when the main process of an instance has ended; further calls do nothing. */
  ended(instance: Instance, ending: Ending): void {
    this.#wrapUp(instance, ending).catch((error: unknown) => {
      this.#context.log(`cannot wrap up ${instance.nonce}: ${errorMessage(error)}`);
    });
  }

  /** An earlier runner saw it exit, and something of it lives. */
  remains(instance: Instance, entries: readonly ProcessEntry[]): void {
    instance.remains = entries;
    this.#lookAgainLater(instance);
  }

  /** Nobody is interested in the instance any more. */
  forget(instance: Instance): void {
    this.#remains.get(instance)?.();
    this.#remains.delete(instance);
  }

  async #wrapUp(instance: Instance, { code, signal }: Ending): Promise<void> {
    const process = processOf(instance);
    if (process === null || this.#ending.has(instance)) return;
    this.#ending.add(instance);
    process.watch?.close();
    const { clock, onMainEnded, exited } = this.#context;
    onMainEnded(instance);
    const at = clock.now();
    const up = upMs(instance, clock);
    const stop = instance.phase.state === 'stopping' ? instance.phase.stop : null;
    const clearing = stop === null ? this.#clear(instance, process) : stop.mainEnded();
    const [remains] = await Promise.all([clearing, instance.output?.drain()]);
    const requested = stop !== null;
    instance.remains = remains;
    exited(instance, { code, signal, at, upMs: up, requested, killed: stop?.killed ?? false, error: null });
    if (remains.length > 0) this.#lookAgainLater(instance);
    if (stop === null && instance.leftovers?.mode !== 'end') await this.#nameSurvivors(instance, process);
  }

  /** Ends what the main process has left behind when it ended by itself. */
  async #clear(instance: Instance, process: LiveProcess): Promise<readonly ProcessEntry[]> {
    const { leftovers } = instance;
    if (leftovers?.mode !== 'end') return [];
    const found = await this.#find(instance, process);
    if (found.proven.length === 0) return [];
    const { nonce } = instance;
    const spec = { nonce, signal: 'SIGTERM', tree: true, graceMs: leftovers.graceMs };
    const stop = this.#sequence(instance, process, spec, found);
    instance.phase = { state: 'stopping', process, stop, leftBehind: found.proven };
    this.#context.publishInstance(instance);
    return stop.mainEnded();
  }

  #find({ nonce, adopted }: Instance, { identity }: LiveProcess): Promise<Survivors> {
    return this.#context.search.find({ nonce, main: identity, ownGroup: !adopted });
  }

  /** Nobody is to end what the process has left behind; a person should know of it. */
  async #nameSurvivors(instance: Instance, process: LiveProcess): Promise<void> {
    const { pid } = process.identity;
    const { nonce, leftovers } = instance;
    if (leftovers?.mode === 'keep' || !groupExists(pid)) return;
    const { proven, unproven } = await this.#find(instance, process);
    const pids = [...proven, ...unproven].map((entry) => entry.pid).join(', ');
    if (pids === '') return;
    const message = `process ${pid} has ended, but it left process ${pids} running`;
    this.#context.publish({ event: 'notice', nonce, code: 'survivors', message });
  }

  #sequence(instance: Instance, { identity }: LiveProcess, spec: StopSpec, found?: Survivors): StopSequence {
    const { clock, processes, search, publish, cgroups } = this.#context;
    const { nonce, channel, limits, leftovers, adopted } = instance;
    const cgroup = limits?.cgroup ?? null;
    const killAll = (): void => {
      if (cgroup !== null) cgroups.kill(cgroup);
    };
    const notify: Notify = (notice) => publish({ event: 'notice', ...notice });
    return new StopSequence(
      {
        clock,
        processes,
        search,
        notify,
        nonce,
        identity,
        ownGroup: !adopted,
        leftovers: leftovers?.mode ?? null,
        channel,
        killAll,
        ...(found !== undefined && { found }),
      },
      spec,
    );
  }

  #lookAgainLater(instance: Instance): void {
    this.forget(instance);
    const cancel = this.#context.clock.after(REMAINS_POLL_MS, () => {
      this.#lookAgain(instance).catch((error: unknown) => {
        this.#context.log(`cannot look for what ${instance.nonce} has left behind: ${errorMessage(error)}`);
      });
    });
    this.#remains.set(instance, cancel);
  }

  async #lookAgain(instance: Instance): Promise<void> {
    const { search, processes, publishInstance } = this.#context;
    let left = search.stillAlive(instance.remains);
    if (left.length === 0) {
      // What it has started meanwhile carries the nonce too.
      const main = { pid: 0, startTime: '0' };
      const { proven } = await search.find({ nonce: instance.nonce, main, ownGroup: false });
      if (!this.#remains.has(instance)) return;
      left = proven;
    }
    for (const entry of left) signalLeftover(processes, entry, 'SIGKILL');
    const changed = left.length !== instance.remains.length;
    instance.remains = left;
    if (left.length > 0) this.#lookAgainLater(instance);
    else this.#remains.delete(instance);
    if (changed) publishInstance(instance);
  }
}
