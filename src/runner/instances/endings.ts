import type { Cgroups } from '../cgroup/cgroup.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { BackgroundProcess } from './background.ts';
import {
  backgroundNote,
  becomes,
  goesOnAs,
  isByWord,
  mayBeNamedLater,
  mayGoOn,
  type Ending,
} from './background-rules.ts';
import type { EndingGate } from '../succession/ending-gate.ts';
import { startOf } from './instance-records.ts';
import { groupOf, processOf, upMs, type Instance, type LiveProcess } from './instance.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import { IdentityWatch } from '../processes/identity-watch.ts';
import type { ProcessEntry, Processes } from '../processes/processes.ts';
import type { RunnerEvent } from '../protocol/messages.ts';
import { reloadOfExit, type ReloadsContext } from '../errands/reloads.ts';
import { ShutdownErrand } from '../errands/shutdown-errand.ts';
import type { StopSpec } from '../protocol/orders.ts';
import type { RunnerExit } from '../protocol/reports.ts';
import { groupExists } from '../processes/signals.ts';
import { RemainsWatch } from './remains-watch.ts';
import type { StopOptions, StopState } from './stop-options.ts';
import { StopSequence } from './stop-sequence.ts';
import type { Survivors, SurvivorSearch } from './survivors.ts';
import { errorMessage } from '../../lib/system-error.ts';

export interface EndingsContext {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly search: SurvivorSearch;
  readonly gate: EndingGate;
  readonly cgroups: Cgroups;
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  readonly publish: (event: RunnerEvent) => void;
  readonly log: (message: string) => void;
  /** Folder of the FIFOs. */
  readonly folder: string;
  readonly run: ReloadsContext['run'];
  /** The main process has ended. */
  readonly onMainEnded: (instance: Instance) => void;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
  readonly exited: (instance: Instance, exit: RunnerExit) => void;
}

/** `note`: what a person should know. */
interface Cleared {
  readonly remains: readonly ProcessEntry[];
  readonly note: string | null;
  readonly killed: boolean;
}

/** For so long a program that puts itself into the background may take to be there, and to write its pid file. */
const BACKGROUND_MS = 5_000;
/** For so long the word of a process (MAINPID=) may be on its way that has ended, and was not to go into the background. */
const WORD_MS = 500;
const BACKGROUND_POLL_MS = 100;

/**
 * How instances end: asked to or by themselves, with all that their main process has started. An instance has exited
 * when nothing of it is left that can be ended, so that its slot is never filled while what was there before goes on.
 */
export class Endings {
  readonly #context: EndingsContext;
  readonly #ending = new WeakSet<Instance>();
  readonly #remains: RemainsWatch;
  /** Those that are looked for in the background, and the stop that was asked for meanwhile. */
  readonly #looking = new Map<Instance, StopSpec | null>();

  constructor(context: EndingsContext) {
    this.#context = context;
    this.#remains = new RemainsWatch(context);
  }

  /** Asks the process to end. One whose main process has just ended by itself is at it already. */
  stop(instance: Instance, process: LiveProcess, spec: StopSpec): void {
    if (this.#looking.has(instance)) {
      this.#looking.set(instance, spec);
      return;
    }
    if (this.#ending.has(instance)) return;
    const stop = this.#sequence(instance, process, spec);
    instance.phase = { state: 'stopping', process, stop, leftBehind: null };
    this.#context.publishInstance(instance);
    process.watch?.expectEnd();
  }

  /** To be called when the main process of an instance has ended; further calls do nothing. */
  ended(instance: Instance, ending: Ending): void {
    const { gate, log } = this.#context;
    if (!gate.pass(instance, ending) || this.#ending.has(instance)) return;
    this.#wrapUp(instance, ending)
      .catch((error: unknown) => log(`cannot wrap up ${instance.nonce}: ${errorMessage(error)}`))
      .finally(() => gate.underWay.delete(instance));
  }

  /** Goes on with a stop that an earlier runner has begun. */
  goOnStopping(instance: Instance, before: StopState): void {
    if (instance.phase.state !== 'running') return;
    const { process } = instance.phase;
    const stop = this.#sequence(instance, process, before.spec, { before });
    instance.phase = { state: 'stopping', process, stop, leftBehind: null };
    process.watch?.expectEnd();
  }

  /** An earlier runner saw it exit, and something of it lives. */
  remains(instance: Instance, entries: readonly ProcessEntry[]): void {
    this.#remains.watch(instance, entries);
  }

  /** Nobody is interested in the instance any more. */
  forget(instance: Instance): void {
    this.#remains.forget(instance);
  }

  async #wrapUp(instance: Instance, ending: Ending): Promise<void> {
    const process = processOf(instance);
    if (process === null || this.#ending.has(instance)) return;
    this.#ending.add(instance);
    this.#context.gate.underWay.set(instance, ending);
    process.watch?.close();
    const { clock, onMainEnded, exited } = this.#context;
    onMainEnded(instance);
    const at = clock.now();
    const up = upMs(instance, clock);
    if (mayGoOn(instance, ending) && (await this.#goOn(instance, process))) return;
    const asked = instance.phase.state === 'stopping' && instance.phase.leftBehind === null;
    const [{ remains, note, killed }] = await Promise.all([
      this.#clear(instance, process, ending),
      instance.output?.drain(),
    ]);
    const { code, signal } = ending;
    const exit = { code, signal, at, upMs: up, requested: asked, killed: asked && killed, error: null };
    instance.remains = remains;
    exited(instance, { ...exit, ...reloadOfExit(instance, clock), ...(note !== null && { note }) });
    this.#remains.watch(instance, remains);
    if (!asked && instance.leftovers?.mode !== 'end') await this.#nameSurvivors(instance, process);
  }

  /** Ends what the main process has left behind. */
  async #clear(instance: Instance, process: LiveProcess, ending: Ending): Promise<Cleared> {
    const { phase, leftovers, nonce } = instance;
    if (phase.state === 'stopping') {
      const remains = await phase.stop.mainEnded();
      return { remains, note: phase.stop.note, killed: phase.stop.killed };
    }
    const nothing = { remains: [], note: null, killed: false };
    if (leftovers === null || (leftovers.mode === 'keep' && ending.code !== 0)) return nothing;
    const found = await this.#find(instance, process);
    const note = backgroundNote(instance, { ending, found });
    if (leftovers.mode === 'keep' || found.proven.length === 0) return { ...nothing, note };
    const spec = { nonce, signal: 'SIGTERM', tree: true, graceMs: leftovers.graceMs };
    const stop = this.#sequence(instance, process, spec, { found });
    instance.phase = { state: 'stopping', process, stop, leftBehind: found.proven };
    this.#context.publishInstance(instance);
    return { remains: await stop.mainEnded(), note, killed: false };
  }

  /** Looks for the process that the instance is from now on; false: there is none, or it is to be stopped. */
  async #goOn(instance: Instance, process: LiveProcess): Promise<boolean> {
    const { clock, processes } = this.#context;
    const isSoon = isByWord(instance) && instance.background?.expected !== true;
    const end = clock.monotonic() + (isSoon ? WORD_MS : BACKGROUND_MS);
    this.#looking.set(instance, null);
    let last: BackgroundProcess | null = null;
    let found: BackgroundProcess | null;
    for (;;) {
      const survivors = await this.#find(instance, process);
      found = goesOnAs(instance, process, survivors.proven, processes);
      // Which of several it will be shows when those in between have ended.
      if (found !== null && found.identity.pid === last?.identity.pid) break;
      const isOver = found === null && survivors.proven.length === 0 && !mayBeNamedLater(instance);
      if (isOver || clock.monotonic() >= end || this.#looking.get(instance) !== null) break;
      last = found;
      await new Promise<void>((resolve) => clock.after(BACKGROUND_POLL_MS, resolve));
    }
    const asked = this.#looking.get(instance) ?? null;
    this.#looking.delete(instance);
    if (found !== null) this.#takeOver(instance, found);
    else if (asked !== null) {
      const survivors = await this.#find(instance, process);
      const stop = this.#sequence(instance, process, asked, { found: survivors });
      instance.phase = { state: 'stopping', process, stop, leftBehind: null };
    }
    const now = processOf(instance);
    if (found !== null && asked !== null && now !== null) this.stop(instance, now, asked);
    return found !== null;
  }

  /** From now on another process is the instance: one that is not our child, so that its end has to be looked for. */
  #takeOver(instance: Instance, found: BackgroundProcess): void {
    const { clock, processes, record, publishInstance } = this.#context;
    const { identity, byFile } = found;
    const onEnd = (): void => this.ended(instance, { code: null, signal: null });
    const watch = new IdentityWatch(clock, processes, { identity, onEnd });
    becomes(instance, found);
    instance.phase = { state: 'running', process: { identity, watch } };
    this.#ending.delete(instance);
    void record({ ...startOf(instance, identity), ...(byFile && { byFile }) }, false);
    publishInstance(instance);
  }

  #find(instance: Instance, { identity }: LiveProcess): Promise<Survivors> {
    const { nonce } = instance;
    return this.#context.search.find({ nonce, main: identity, group: groupOf(instance) });
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

  #sequence(
    instance: Instance,
    { identity }: LiveProcess,
    spec: StopSpec,
    already: Pick<StopOptions, 'found' | 'before'> = {},
  ): StopSequence {
    const { clock, processes, publish, cgroups, run, folder } = this.#context;
    const { nonce, io, limits, leftovers, inBackground } = instance;
    const cgroup = limits?.cgroup ?? null;
    const options: StopOptions = {
      ...this.#context,
      ...{ nonce, identity, group: groupOf(instance) },
      say: (message) => instance.channel?.open === true && instance.channel.send(message),
      agentComes: instance.handover === 'awaited',
      inBackground: inBackground !== null,
      leftovers: leftovers?.mode ?? null,
      notify: (notice) => publish({ event: 'notice', ...notice }),
      command: new ShutdownErrand({
        ...{ clock, processes, place: { nonce, folder, io } },
        run: (errand, mark) => run(instance, errand, mark),
      }),
      killAll: () => (cgroup === null ? undefined : cgroups.kill(cgroup)),
      ...already,
    };
    return new StopSequence(options, spec);
  }
}
