import { removeFifos } from '../output/fifo.ts';
import { EndingGate } from '../succession/ending-gate.ts';
import { lastLinesOf, newInstance, stopAsked, type Instance } from './instance.ts';
import { describeInstance } from './describe-instance.ts';
import type { Ending } from './background-rules.ts';
import { Endings } from './endings.ts';
import { Awaited } from '../handover/awaited.ts';
import { Handovers } from '../handover/handovers.ts';
import { openChannel, type ChannelContext } from './instance-channel.ts';
import { removeExitNote, withNote } from '../output/exit-note.ts';
import { InstanceOutput } from '../output/instance-output.ts';
import type { LogFile } from '../logs/log-file.ts';
import { removeErrandNotes } from '../errands/errand-note.ts';
import { Reloads, type ReloadsContext } from '../errands/reloads.ts';
import type { ProcessEntry, Processes } from '../processes/processes.ts';
import type { RunnerEvent } from '../protocol/messages.ts';
import type { SpawnSpec, StopSpec } from '../protocol/orders.ts';
import type { RunnerExit, RunnerInstance, RunnerProblem, TailLine } from '../protocol/reports.ts';
import { RequestError, unproven } from '../protocol/request-error.ts';
import { SocketRequests } from './socket-requests.ts';
import type { SpawnedProcess } from '../spawn/spawn-process.ts';
import { exitOfFailedStart, startProcess, type StartContext } from './start-process.ts';
import type { SurvivorSearch } from './survivors.ts';
import { Tuner } from '../tuning/tuner.ts';
import { startOf, updateInstance, type InstanceUpdate } from './instance-records.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

export interface TableContext extends StartContext {
  readonly run: ReloadsContext['run'];
  readonly processes: Processes;
  readonly search: SurvivorSearch;
  readonly publish: (event: RunnerEvent) => void;
  readonly log: (message: string) => void;
}

/** The process table: every instance from its spawn until its exit has been acknowledged. */
export class InstanceTable {
  readonly #context: TableContext;
  readonly #instances = new Map<string, Instance>();
  readonly endings: Endings;
  readonly gate = new EndingGate();
  readonly sockets: SocketRequests;
  readonly #channelContext: ChannelContext;
  /** Problems of all that live. */
  #alsoWrong: readonly RunnerProblem[] = [];
  /** Agents of what was restored, on their way back. */
  readonly handovers: Handovers;
  readonly tuner: Tuner;
  readonly reloads: Reloads;

  constructor(context: TableContext) {
    this.#context = context;
    const publishInstance = (instance: Instance): void => this.#publish(instance);
    this.tuner = new Tuner({ ...context, publishInstance });
    const awaited = new Awaited();
    this.sockets = new SocketRequests({
      ...{ record: context.record, publishInstance, awaited },
      declared: () => context.activation.holders(),
    });
    this.#channelContext = { ...context, publishInstance, sockets: this.sockets };
    this.handovers = new Handovers({
      ...{ clock: context.clock, instances: this.#instances, awaited, publishInstance },
      ...{ sockets: this.sockets, channels: this.#channelContext },
    });
    this.reloads = new Reloads({
      ...{ ...context, instances: this.#instances, publishInstance },
      folder: context.output.folder,
    });
    this.endings = new Endings({
      ...{ ...context, folder: context.output.folder },
      gate: this.gate,
      publishInstance,
      onMainEnded: (instance) => {
        this.sockets.ended(instance);
        context.activation.ended(instance);
        awaited.settle(instance);
      },
      exited: (instance, exit) => this.#exited(instance, exit),
    });
  }

  list(): RunnerInstance[] {
    return [...this.#instances.values()].map((instance) => this.describe(instance));
  }

  get instances(): ReadonlyMap<string, Instance> {
    return this.#instances;
  }

  /** Instances that have not ended, or may not have. */
  get liveCount(): number {
    return [...this.#instances.values()].filter(({ phase }) => phase.state !== 'exited').length;
  }

  /** Puts in what an earlier runner left; `leftBehind`: what lives of one that has ended. */
  restore(instance: Instance, leftBehind: readonly ProcessEntry[] = []): void {
    this.#instances.set(instance.nonce, instance);
    this.sockets.adopt(instance);
    this.tuner.resume(instance);
    if (leftBehind.length > 0) this.endings.remains(instance, leftBehind);
  }

  /** Starts a process. A start that fails is an instance that has exited, not an error. */
  async spawn(spec: SpawnSpec): Promise<RunnerInstance> {
    if (this.#instances.has(spec.nonce)) throw new RequestError('exists', `${spec.nonce} is taken`);
    const instance = newInstance(spec, this.#context.clock);
    this.#instances.set(spec.nonce, instance);
    try {
      const started = await startProcess(instance, spec, this.#context);
      return started === null ? this.#notStarted(instance, null) : this.#started(instance, started);
    } catch (error) {
      return this.#notStarted(instance, error);
    }
  }

  /** Begins to stop an instance; for one that has exited there is nothing to do. */
  stop(spec: StopSpec): void {
    const instance = this.#get(spec.nonce);
    const { phase } = instance;
    if (phase.state === 'unverified') throw unproven(spec.nonce);
    if (phase.state === 'starting') instance.phase = { state: 'starting', stop: spec };
    if (phase.state === 'stopping') phase.stop.again(spec);
    if (phase.state === 'running') this.endings.stop(instance, phase.process, spec);
  }

  /** Sends a message to the process; throws when it has no channel, or does not read what it was sent. */
  send(nonce: string, message: unknown): void {
    const { channel } = this.#get(nonce);
    if (channel === null || !channel.open) throw new RequestError('busy', `${nonce} has no channel`);
    if (!channel.send(message)) throw new RequestError('busy', `${nonce} does not read its messages`);
  }

  /** Replaces labels and settings; the process is not touched. */
  update(request: InstanceUpdate): RunnerInstance {
    const instance = this.#get(request.nonce);
    const record = updateInstance(instance, request);
    this.sockets.renamed(instance);
    this.#context.activation.renamed(instance);
    void this.#context.record(record, false);
    if (request.tuning !== undefined) this.tuner.change(instance, request.tuning);
    return this.describe(instance);
  }

  tail(nonce: string): readonly TailLine[] {
    const lines = lastLinesOf(this.#get(nonce));
    if (lines === null) throw new RequestError('busy', `an earlier runner has read what ${nonce} wrote`);
    return lines;
  }

  /** Drops an instance that has exited, or that nobody can prove to be ours. */
  forget(nonce: string): void {
    const instance = this.#get(nonce);
    const { state } = instance.phase;
    if (state !== 'exited' && state !== 'unverified') throw new RequestError('busy', `${nonce} is ${state}`);
    if (state === 'unverified') instance.phase.process.watch?.close();
    this.endings.forget(instance);
    this.#instances.delete(nonce);
    failpoint('exit.forget');
    void this.#context.record({ kind: 'forget', nonce }, false);
    failpoint('exit.forgotten');
  }

  /** The line of an instance has changed. */
  changed(instance: Instance): void {
    if (this.#instances.get(instance.nonce) === instance) this.#publish(instance);
  }

  /** Says of an instance what does not hold, or with null that it holds again; its line goes out when that is news. */
  report(instance: Instance, code: string, message: string | null): void {
    if ((instance.problems.get(code) ?? null) === message) return;
    if (message === null) instance.problems.delete(code);
    else instance.problems.set(code, message);
    this.changed(instance);
  }

  /** Something else is the matter with a log file, or nothing any more. */
  logChanged(file: LogFile): void {
    for (const instance of this.#instances.values())
      if (instance.output?.writesTo(file) === true) this.#publish(instance);
  }

  /** Why nothing can be written down of the instances; null: it can. */
  recordProblem(problem: string | null): void {
    this.#alsoWrong = problem === null ? [] : [{ code: 'ledger-not-written', message: problem }];
    for (const instance of this.#instances.values())
      if (instance.phase.state !== 'exited') this.#publish(instance);
  }

  /** To be called when the process of an instance has ended; further calls do nothing. */
  ended(instance: Instance, ending: Ending): void {
    this.endings.ended(instance, withNote(ending, this.#context.output.folder, instance.io));
  }

  #started(instance: Instance, { child, pid, readers, channel }: SpawnedProcess): RunnerInstance {
    const { clock, processes, output } = this.#context;
    failpoint('start.spawned');
    // Our child is not reaped before the loop goes on: what is read here is about this very process.
    const startTime = processes.stat(pid)?.startTime ?? '';
    const identity = { pid, startTime, bootId: processes.bootId };
    const { io, labels, logs } = instance;
    instance.startedAt = clock.now();
    instance.startedMonotonic = clock.monotonic();
    instance.output = new InstanceOutput(output, { io, readers, settings: { labels, logs } });
    if (channel !== null) instance.channel = openChannel(instance, channel, this.#channelContext);
    const asked = stopAsked(instance);
    instance.phase = { state: 'running', process: { identity, watch: null } };
    child.once('exit', (code, signal) => this.ended(instance, { code, signal }));
    void this.#context.record(startOf(instance, identity), false);
    failpoint('start.recorded');
    this.#publish(instance);
    if (asked !== null) this.stop(asked);
    return this.describe(instance);
  }

  /** `cause` null: it was asked to stop before. */
  #notStarted(instance: Instance, cause: unknown): RunnerInstance {
    this.#context.activation.ended(instance);
    if (instance.io !== '') removeFifos(this.#context.output.folder, instance.io);
    return this.#exited(instance, exitOfFailedStart(instance, cause, this.#context.clock.now()));
  }

  #exited(instance: Instance, exit: RunnerExit): RunnerInstance {
    instance.phase = { state: 'exited', exit };
    this.#context.notify.ended(instance);
    removeExitNote(this.#context.output.folder, instance.io);
    removeErrandNotes(this.#context.output.folder, instance.io);
    if (instance.limits?.cgroup != null) this.#context.cgroups.remove(instance.limits.cgroup);
    failpoint('exit.seen');
    void this.#context.record({ kind: 'exit', nonce: instance.nonce, exit }, false);
    failpoint('exit.recorded');
    this.#publish(instance);
    return this.describe(instance);
  }

  #publish(instance: Instance): void {
    this.#context.publish({ event: 'instance', instance: this.describe(instance) });
  }

  /** The line of an instance as it is now. */
  describe(instance: Instance): RunnerInstance {
    return describeInstance(instance, this.#context.clock, this.#alsoWrong);
  }

  #get(nonce: string): Instance {
    const instance = this.#instances.get(nonce);
    if (instance === undefined) throw new RequestError('unknown-instance', `there is no instance ${nonce}`);
    return instance;
  }
}
