import { basename } from 'node:path';
import type { Clock } from '../../lib/clocks/clock.ts';
import { isSignal, type Signal } from '../processes/host-signals.ts';
import type { Processes } from '../processes/processes.ts';
import { sendSignal } from '../processes/signals.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import type { CodeLabel, ErrandSpec, ReloadSpec } from '../protocol/orders.ts';
import type { RunnerExit } from '../protocol/reports.ts';
import { RequestError, unproven } from '../protocol/request-error.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import type { Errand } from './errand.ts';
import type { ErrandMark } from './errand-note.ts';
import { foundErrand } from './found-errand.ts';
import { processOf, type Instance, type LiveProcess } from '../instances/instance.ts';

interface Over {
  readonly count: number;
  readonly code: CodeLabel | undefined;
}

export interface ReloadsContext {
  readonly clock: Clock;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly processes: Processes;
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  readonly publishInstance: (instance: Instance) => void;
  /** Folder of the FIFOs. */
  readonly folder: string;
  /** Runs a program for an instance. */
  readonly run: (instance: Instance, errand: ErrandSpec, mark: ErrandMark) => Errand;
}

/**
 * What is asked of processes that go on: a signal, or to read their settings again. What is asked twice, by a controller
 * that was killed in between, is done once: each reload has a number, and the instance keeps that of its last one. So it
 * is for the next runner when this one is killed:
 *
 *   asked ──on record──▶ intended ──▶ signal sent, or command runs ──over──▶ done, or failed; on record
 *                           └─ killed: the note of a command says whether it was begun, runs, and how it ended;
 *                              whether a signal was sent nobody knows: it has failed
 */
export class Reloads {
  readonly #context: ReloadsContext;
  readonly #beginning = new Set<Instance>();

  constructor(context: ReloadsContext) {
    this.#context = context;
  }

  /** Sends a signal and nothing more. */
  signal(nonce: string, signal: Signal, tree: boolean): void {
    const instance = this.#get(nonce);
    if (instance.phase.state === 'unverified') throw unproven(nonce);
    const process = processOf(instance);
    if (process === null) throw new RequestError('busy', `${nonce} has no process`);
    if (!sendSignal(this.#context.processes, process.identity, { signal, tree })) {
      throw new RequestError('busy', unsent(signal, process));
    }
  }

  /** Gives the instance as it is then. */
  async reload(spec: ReloadSpec): Promise<Instance> {
    const instance = this.#get(spec.nonce);
    const { phase, labels } = instance;
    if (phase.state !== 'running') throw new RequestError('busy', `${spec.nonce} is ${phase.state}`);
    if (spec.count <= Math.max(labels.reloads ?? 0, instance.reload?.count ?? 0)) return instance;
    if (instance.reload?.state === 'running')
      throw new RequestError('busy', `${spec.nonce} is being reloaded`);
    this.#beginning.add(instance);
    try {
      await this.#begin(instance, spec);
    } finally {
      this.#beginning.delete(instance);
    }
    return instance;
  }

  /** Whether one is just being begun: what becomes of it nobody else could say. */
  get isBeginning(): boolean {
    return this.#beginning.size > 0;
  }

  /** Goes on with what an earlier runner has begun. */
  resume(instance: Instance): void {
    const { reload, nonce, io, phase } = instance;
    if (reload?.underWay == null || phase.state !== 'running') return;
    const { count, since } = reload;
    const { by, code } = reload.underWay;
    if ('signal' in by) {
      const why = `whether ${by.signal} has reached it is not known: the runner was killed while it sent it`;
      this.#over(instance, { count, code }, why);
      return;
    }
    const { clock, processes, folder } = this.#context;
    const { command: name, timeoutMs } = by;
    const leftMs = timeoutMs - (clock.monotonic() - since);
    const place = { folder, io, kind: 'reload' as const };
    const found = { ...place, clock, processes, nonce, count, name, timeoutMs, leftMs };
    void foundErrand(found).then((outcome) => {
      if (instance.reload !== reload || instance.phase.state !== 'running') return;
      if (outcome.begun) this.#over(instance, { count, code }, outcome.why);
      else this.#never(instance);
    });
  }

  /** What is done is on record before: whoever comes after a kill does not do it again. */
  async #begin(instance: Instance, { count, code, signal = '', command }: ReloadSpec): Promise<void> {
    const { clock, processes, record, run, publishInstance } = this.#context;
    const since = clock.monotonic();
    const by =
      command === undefined ? { signal } : { command: basename(command.file), timeoutMs: command.timeoutMs };
    const underWay = { by, ...(code !== undefined && { code }) };
    instance.reload = { count, state: 'running', since, message: null, underWay };
    await record({ kind: 'reloading', nonce: instance.nonce, count, at: clock.now(), underWay }, false);
    failpoint('reload.intended');
    const { phase } = instance;
    if (phase.state !== 'running') return;
    // Of a command, which goes on: null.
    let outcome: { readonly why: string | null } | null = null;
    if (command === undefined) {
      const sent = isSignal(signal) && sendSignal(processes, phase.process.identity, { signal, tree: false });
      outcome = { why: sent ? null : unsent(signal, phase.process) };
    } else {
      publishInstance(instance);
      const errand = run(instance, command, { kind: 'reload', count });
      void errand.ended.then((why) => {
        if (instance.phase.state === 'running') this.#over(instance, { count, code }, why);
      });
      await errand.begun;
    }
    failpoint('reload.sent');
    if (outcome !== null) this.#over(instance, { count, code }, outcome.why);
  }

  #over(instance: Instance, { count, code }: Over, message: string | null): void {
    const { clock, record, publishInstance } = this.#context;
    const { nonce } = instance;
    const state = message === null ? 'done' : 'failed';
    instance.reload = { count, state, since: clock.monotonic(), message, underWay: null };
    if (message === null && code !== undefined) instance.labels = { ...instance.labels, code };
    const { labels } = instance;
    const failed = message === null ? {} : { message };
    void record({ kind: 'reload', nonce, count, labels, at: clock.now(), ...failed }, false);
    failpoint('reload.done');
    publishInstance(instance);
  }

  /** It was never begun, so whoever has asked for it will ask again. */
  #never(instance: Instance): void {
    instance.reload = null;
    this.#context.publishInstance(instance);
  }

  #get(nonce: string): Instance {
    const instance = this.#context.instances.get(nonce);
    if (instance === undefined) throw new RequestError('unknown-instance', `there is no instance ${nonce}`);
    return instance;
  }
}

function unsent(signal: string, { identity }: LiveProcess): string {
  return `${signal} could not be sent to process ${identity.pid}: it is gone, or runs with other rights`;
}

/** What an exit says of the reload before it. */
export function reloadOfExit(
  { reload }: Instance,
  clock: Pick<Clock, 'monotonic'>,
): Pick<RunnerExit, 'reload'> {
  if (reload === null) return {};
  const { count, since } = reload;
  return { reload: { count, forMs: Math.max(0, Math.round(clock.monotonic() - since)) } };
}
