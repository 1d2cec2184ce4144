import type { Clock } from '../../lib/clocks/clock.ts';
import { isSignal, type Signal } from '../processes/host-signals.ts';
import type { Processes } from '../processes/processes.ts';
import { sendSignal } from '../processes/signals.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import type { ErrandSpec, ReloadSpec } from '../protocol/orders.ts';
import type { RunnerExit } from '../protocol/reports.ts';
import { RequestError, unproven } from '../protocol/request-error.ts';
import type { Errand } from './errand.ts';
import { processOf, type Instance, type LiveProcess } from '../instances/instance.ts';

export interface ReloadsContext {
  readonly clock: Clock;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly processes: Processes;
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  readonly publishInstance: (instance: Instance) => void;
  /** Runs a program for an instance. */
  readonly run: (instance: Instance, errand: ErrandSpec) => Errand;
}

/**
 * What is asked of processes that go on: a signal, or to read their settings again. What is asked twice, by a controller that was killed in between, is done once:
 * each reload has a number, and the instance keeps that of its last one, also for a later runner.
 */
export class Reloads {
  readonly #context: ReloadsContext;

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
  reload(spec: ReloadSpec): Instance {
    const instance = this.#get(spec.nonce);
    const { phase, labels } = instance;
    if (phase.state !== 'running') throw new RequestError('busy', `${spec.nonce} is ${phase.state}`);
    if (spec.count <= Math.max(labels.reloads ?? 0, instance.reload?.count ?? 0)) return instance;
    if (instance.reload?.state === 'running')
      throw new RequestError('busy', `${spec.nonce} is being reloaded`);
    const { signal = '', command } = spec;
    if (command !== undefined) {
      void this.#byCommand(instance, spec, command);
      return instance;
    }
    const { processes } = this.#context;
    const { process } = phase;
    const sent = isSignal(signal) && sendSignal(processes, process.identity, { signal, tree: false });
    this.#over(instance, spec, sent ? null : unsent(signal, process));
    return instance;
  }

  async #byCommand(instance: Instance, spec: ReloadSpec, command: ErrandSpec): Promise<void> {
    const since = this.#context.clock.monotonic();
    instance.reload = { count: spec.count, state: 'running', since, message: null };
    this.#context.publishInstance(instance);
    const why = await this.#context.run(instance, command).ended;
    if (instance.phase.state === 'running') this.#over(instance, spec, why);
  }

  #over(instance: Instance, { nonce, count, code }: ReloadSpec, message: string | null): void {
    const { clock, record, publishInstance } = this.#context;
    const state = message === null ? 'done' : 'failed';
    instance.reload = { count, state, since: clock.monotonic(), message };
    if (message === null && code !== undefined) instance.labels = { ...instance.labels, code };
    const { labels } = instance;
    const failed = message === null ? {} : { message };
    void record({ kind: 'reload', nonce, count, labels, at: clock.now(), ...failed }, false);
    publishInstance(instance);
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
