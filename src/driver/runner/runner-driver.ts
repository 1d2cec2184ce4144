import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { Listeners } from '../../lib/listeners.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { StopOrder } from '../../plan/model/stop-order.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ObservedHook, ObservedInstance, Silence } from '../../plan/model/observed.ts';
import type { OutputLine } from '../../plan/model/rollout.ts';
import type { RunnerRequest, RunnerResult } from '../../runner/protocol/messages.ts';
import type { SpawnSpec } from '../../runner/protocol/orders.ts';
import type {
  DriverError,
  DriverEvent,
  EmptiedLog,
  HandedOver,
  HookOrder,
  HostDriver,
  ReloadOrder,
  RunnerInfo,
  StartOrder,
} from '../driver.ts';
import { reloadSpec, stopSpec } from './orders/errands.ts';
import { adoptedSettings, launchSpec, surroundings, type LaunchContext } from './orders/launch.ts';
import { doneOf, flushedOf, handedOverOf, linesOf, loggedOf, noAnswer } from './answers.ts';
import { eventOf, refusalOf, runnerOf, silenceOf } from './link-views.ts';
import { hookSpec } from './orders/hook-launch.ts';
import { logSettings } from './orders/log-settings.ts';
import { needsNewerRunner, tooOld } from './orders/older-runner.ts';
import { keepRequest } from './orders/socket-specs.ts';
import { driverEvent } from './driver-event.ts';
import { isHook, ProcessTable } from './process-table.ts';
import type { RunnerDriverOptions } from './runner-driver-options.ts';
import { RunnerLink, type LinkState } from './runner-link.ts';

type Done<Value = void> = Promise<Result<Value, DriverError>>;

/** The driver over a runner process: its table as far as it is known, and orders put into the runner's words. */
export class RunnerDriver implements HostDriver {
  readonly #launch: LaunchContext;
  readonly #link: RunnerLink;
  readonly #table: ProcessTable;
  readonly #listeners: Listeners<DriverEvent>;
  readonly #host: Pick<RunnerDriverOptions, 'seenOnHost' | 'lackOf'>;
  /** False: the runner is too old to know of sockets and terminals of apps. */
  #passesSockets = true;

  readonly logFiles: HostDriver['logFiles'] = (app, slot) => logSettings(app, slot, this.#launch.logsDir);
  readonly surroundings: HostDriver['surroundings'] = (app, slot, given = {}) =>
    surroundings({ app, slot, ...given }, this.#launch);

  readonly logUsage: HostDriver['logUsage'] = async () =>
    loggedOf(await this.#link.request({ kind: 'log-usage' }));

  constructor(options: RunnerDriverOptions) {
    this.#launch = options.launch;
    this.#host = options;
    this.#listeners = new Listeners(options.onError);
    this.#table = new ProcessTable(options.clock, options.names);
    this.#link = new RunnerLink(options, {
      onResult: (result) => this.#takeIn(result),
      onEvent: (event) => this.#listeners.tell(driverEvent(event, this.#table)),
      onState: (state) => this.#onState(state),
    });
  }

  get reachable(): boolean {
    return this.#link.state.kind === 'connected';
  }

  get runner(): RunnerInfo | undefined {
    return runnerOf(this.#link.state);
  }

  get silence(): Silence | null {
    return silenceOf(this.#link.state);
  }

  confirm(): Promise<Failure | null> {
    return this.#link.confirm();
  }

  get refusal(): Failure | null {
    return refusalOf(this.#link.state);
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  close(): void {
    this.#link.close();
  }

  instances(): readonly ObservedInstance[] {
    return this.#table.instances();
  }

  instancesOf(key: AppKey): readonly ObservedInstance[] {
    return this.#table.instancesOf(key);
  }

  instance(nonce: string): ObservedInstance | undefined {
    return this.#table.instance(nonce);
  }

  hooks(): readonly ObservedHook[] {
    return this.#table.hooks();
  }

  hooksOf(key: AppKey): readonly ObservedHook[] {
    return this.#table.hooksOf(key);
  }

  subscribe(listener: (event: DriverEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  start(order: StartOrder): Done<ObservedInstance> {
    return this.#spawn(launchSpec(order, this.#launch), order.app);
  }

  async lackOf(order: StartOrder): Promise<string | null> {
    const spec = launchSpec(order, this.#launch);
    return this.#tooOldFor(spec, order.app)?.message ?? (await this.#host.lackOf?.(spec)) ?? null;
  }

  async startHook(order: HookOrder): Done<ObservedHook> {
    const spec = hookSpec(order, this.#launch);
    if (spec === null) return err({ code: 'refused', message: `there is no hook ${order.run.name}` });
    const started = await this.#spawn(spec);
    if (!started.ok) return started;
    return isHook(started.value) ? ok(started.value) : err(noAnswer());
  }

  async stop(nonce: string, how: StopOrder, secrets?: StartOrder['secrets']): Done {
    if (how.shutdown !== undefined && !this.#passesSockets) return err(tooOld('shutdown'));
    const about = { slot: 0, ...this.#table.instance(nonce), nonce, secrets };
    return this.#order({ kind: 'stop', spec: stopSpec(about, how, this.#launch) });
  }

  async reload(order: ReloadOrder): Done {
    const launch = { ...this.#launch, ports: this.#table.instance(order.nonce)?.ports };
    const done = await this.#order({ kind: 'reload', spec: reloadSpec(order, launch) });
    return !done.ok && done.error.code === 'unsupported' ? err(tooOld('reload')) : done;
  }

  signal(nonce: string, signal: string, tree: boolean, onSent?: () => void): Done {
    this.#table.signalled(nonce, signal);
    return this.#order({ kind: 'signal', nonce, signal, tree }, onSent);
  }

  send(nonce: string, message: unknown): Done {
    return this.#order({ kind: 'send', nonce, message });
  }

  async tail(nonce: string): Done<readonly OutputLine[]> {
    return linesOf(await this.#link.request({ kind: 'tail', nonce }));
  }

  async adopt(nonce: string, app: DesiredApp, slot: number): Done {
    const { code, ports, postStart, startReloads: reloads } = this.#table.instance(nonce) ?? {};
    const about = { nonce, app, slot, code, ports, reloads };
    const settings = adoptedSettings(about, this.#launch, postStart === true);
    const answer = await this.#order({ kind: 'update', nonce, ...settings });
    // The runner sends no event for what we asked of it; whoever listens to the table has to know all the same.
    const adopted = answer.ok ? this.#table.instance(nonce) : undefined;
    if (adopted !== undefined) this.#listeners.tell({ kind: 'instance', instance: adopted });
    return answer;
  }

  async forget(nonce: string): Done {
    const done = await this.#order({ kind: 'forget', nonce });
    if (done.ok || done.error.code === 'unknown-instance') this.#table.remove(nonce);
    return done;
  }

  async handOver(command: readonly [string, ...string[]]): Done<HandedOver> {
    return handedOverOf(await this.#link.request({ kind: 'hand-over', command }));
  }

  async flushLogs(paths: readonly string[], rotated: boolean): Done<readonly EmptiedLog[]> {
    return flushedOf(await this.#link.request({ kind: 'flush-logs', paths, rotated }));
  }

  async keepSockets(apps: readonly DesiredApp[]): Done {
    const done = await this.#order(keepRequest(apps));
    this.#passesSockets = done.ok || done.error.code !== 'unsupported';
    return done;
  }

  checkLimits(): Done {
    return this.#order({ kind: 'check-limits' });
  }

  reopenLogs(): Done {
    return this.#order({ kind: 'reopen-logs' });
  }

  park(): Done {
    return this.#order({ kind: 'park' });
  }

  async shutDown(): Done {
    const ending = await this.#order({ kind: 'shutdown' });
    // When it is gone nobody is to start another one.
    if (ending.ok) this.#link.close();
    return ending;
  }

  async #spawn(spec: SpawnSpec, app?: DesiredApp): Done<ObservedInstance> {
    const lacking = this.#tooOldFor(spec, app);
    const answer = lacking === null ? await this.#link.request({ kind: 'spawn', spec }) : err(lacking);
    if (!answer.ok) return answer;
    const started = this.#table.instance(spec.nonce);
    return started === undefined ? err(noAnswer()) : ok(started);
  }

  #tooOldFor(spec: SpawnSpec, app?: DesiredApp): DriverError | null {
    return this.#passesSockets ? null : needsNewerRunner(spec, app?.spec);
  }

  #order(request: RunnerRequest, onDone?: () => void): Done {
    return this.#link.request(request, onDone).then(doneOf);
  }

  /**
   * Taken in when it arrives and not when somebody who waits for it goes on: an event that came in the same piece is
   * newer, and would be overwritten by it.
   */
  #takeIn(result: RunnerResult): void {
    if (result.kind === 'instance') this.#table.put(result.instance);
    if (result.kind === 'list') this.#table.replace(result.instances);
  }

  /**
   * The table of a runner that has never answered this controller: what lives, as the host shows it. Only to be shown:
   * nothing is asked of a runner that is silent, and the first thing that one says is its own table.
   */
  async #lookAtHost(): Promise<void> {
    const seen = (await this.#host.seenOnHost?.().catch(() => [])) ?? [];
    if (this.#link.state.kind !== 'silent' || this.#link.state.runner !== null) return;
    this.#table.replace(seen.filter((instance) => instance.state === 'running'));
    this.#listeners.tell({ kind: 'disconnected' });
  }

  #onState(state: LinkState): void {
    this.#listeners.tell(eventOf(state));
    if (state.kind === 'silent' && state.runner === null) void this.#lookAtHost();
  }
}
