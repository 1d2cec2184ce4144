import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clock.ts';
import { Listeners } from '../../lib/listeners.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { StopOrder } from '../../plan/model/stop-order.ts';
import type { DesiredApp, ObservedInstance, OutputLine } from '../../plan/model/types.ts';
import {
  PROTOCOL_VERSION,
  type RunnerEvent,
  type RunnerRequest,
  type RunnerResult,
} from '../../runner/protocol/messages.ts';
import { RunnerConnection } from './connection.ts';
import type {
  DriverError,
  DriverEvent,
  HostDriver,
  LogFiles,
  RunnerInfo,
  StartOrder,
  Surroundings,
} from '../driver.ts';
import { adoptedSettings, launchSpec, surroundings, type LaunchContext } from './launch.ts';
import { logSettings } from './log-settings.ts';
import { ProcessTable, type AppNames } from './process-table.ts';

export interface RunnerDriverOptions {
  readonly socketPath: string;
  /** Version of the program that connects. */
  readonly version: string;
  readonly clock: Clock;
  readonly launch: LaunchContext;
  /** Starts a runner; called whenever nobody answers on the socket. Harmless when one is just starting. */
  readonly startRunner: () => void;
  /** What a listener has thrown. */
  readonly onError: (error: unknown) => void;
  /** Names of apps that were moved; absent: none was. */
  readonly names?: () => AppNames;
  /** Looks at the process table without claiming the place of the controller, and never starts a runner. */
  readonly observeOnly?: boolean;
  /** Somebody else starts this controller again when it dies: the runner gives that some time first. */
  readonly supervised?: boolean;
}

const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 500;
/** A runner that was asked for has this long to listen before another is asked for. */
const RUNNER_START_MS = 3_000;
const NO_ANSWER = 'the runner gave an answer that is none';

/**
 * The driver over a runner process.
 *
 *   connecting ──hello, list──▶ connected ──socket closed──▶ connecting (retry, starting a runner if none answers)
 *        └───────────────────────── close() ─────────────────────────▶ closed
 */
export class RunnerDriver implements HostDriver {
  readonly #options: RunnerDriverOptions;
  readonly #table: ProcessTable;
  readonly #listeners: Listeners<DriverEvent>;
  #connection: RunnerConnection | undefined;
  #info: RunnerInfo | undefined;
  #closed = false;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: Cancel | undefined;
  #startedRunnerAt = -Infinity;

  constructor(options: RunnerDriverOptions) {
    this.#options = options;
    this.#listeners = new Listeners(options.onError);
    this.#table = new ProcessTable(options.clock, options.names);
  }

  get reachable(): boolean {
    return this.#info !== undefined;
  }

  get runner(): RunnerInfo | undefined {
    return this.#info;
  }

  async open(): Promise<void> {
    await this.#connect();
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

  subscribe(listener: (event: DriverEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  logFiles(app: DesiredApp, slot: number): LogFiles {
    return logSettings(app, slot, this.#options.launch.logsDir);
  }

  surroundings(app: DesiredApp, slot: number): Surroundings {
    return surroundings(app, slot, this.#options.launch);
  }

  async start(order: StartOrder): Promise<Result<ObservedInstance, DriverError>> {
    const spec = launchSpec(order, this.#options.launch);
    const answer = await this.#request({ kind: 'spawn', spec });
    if (!answer.ok) return answer;
    const started = this.#table.instance(order.nonce);
    return started === undefined ? err(refused(NO_ANSWER)) : ok(started);
  }

  stop(nonce: string, how: StopOrder): Promise<Result<void, DriverError>> {
    return this.#order({ kind: 'stop', spec: { nonce, ...how } });
  }

  signal(nonce: string, signal: string, tree: boolean): Promise<Result<void, DriverError>> {
    return this.#order({ kind: 'signal', nonce, signal, tree });
  }

  send(nonce: string, message: unknown): Promise<Result<void, DriverError>> {
    return this.#order({ kind: 'send', nonce, message });
  }

  async tail(nonce: string): Promise<Result<readonly OutputLine[], DriverError>> {
    const answer = await this.#request({ kind: 'tail', nonce });
    if (!answer.ok) return answer;
    if (answer.value.kind !== 'tail') return err(refused(NO_ANSWER));
    return ok(
      answer.value.lines.map(({ stream, line }) => ({ stream: stream === 'error' ? 'err' : 'out', line })),
    );
  }

  async adopt(nonce: string, app: DesiredApp, slot: number): Promise<Result<void, DriverError>> {
    const code = this.#table.instance(nonce)?.code;
    const settings = adoptedSettings({ nonce, app, slot, code }, this.#options.launch);
    const answer = await this.#request({ kind: 'update', nonce, ...settings });
    if (!answer.ok) return answer;
    // The runner sends no event for what we asked of it; whoever listens to the table has to know all the same.
    const adopted = this.#table.instance(nonce);
    if (adopted !== undefined) this.#listeners.tell({ kind: 'instance', instance: adopted });
    return ok(undefined);
  }

  async forget(nonce: string): Promise<Result<void, DriverError>> {
    const done = await this.#order({ kind: 'forget', nonce });
    if (done.ok || done.error.code === 'unknown-instance') this.#table.remove(nonce);
    return done;
  }

  park(): Promise<Result<void, DriverError>> {
    return this.#order({ kind: 'park' });
  }

  shutDown(): Promise<Result<void, DriverError>> {
    return this.#order({ kind: 'shutdown' });
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#connection?.close();
  }

  async #order(request: RunnerRequest): Promise<Result<void, DriverError>> {
    const answer = await this.#request(request);
    return answer.ok ? ok(undefined) : answer;
  }

  async #request(request: RunnerRequest): Promise<Result<RunnerResult, DriverError>> {
    if (this.#connection === undefined) return err(unreachable());
    const answer = await this.#connection.request(request);
    if (answer.ok) return ok(answer.result);
    if (answer.code === 'disconnected') return err(unreachable());
    if (answer.code === 'unknown-instance') return err({ code: 'unknown-instance', message: answer.message });
    return err(refused(answer.message));
  }

  async #connect(): Promise<void> {
    if (this.#closed) return;
    try {
      const connection = await RunnerConnection.connect(this.#options.socketPath, {
        onResult: (result) => this.#takeIn(result),
        onEvent: (event) => this.#onEvent(event),
        onClose: () => this.#onClose(),
      });
      this.#connection = connection;
      await this.#greet(connection);
      this.#retryMs = FIRST_RETRY_MS;
      this.#startedRunnerAt = -Infinity;
    } catch {
      this.#startRunnerIfDue();
      this.#retryLater();
    }
  }

  async #greet(connection: RunnerConnection): Promise<void> {
    const { version, observeOnly, supervised } = this.#options;
    const hello = await connection.request({
      kind: 'hello',
      protocol: PROTOCOL_VERSION,
      version,
      controller: observeOnly !== true,
      ...(supervised === true && { supervised }),
    });
    const list = await connection.request({ kind: 'list' });
    if (!hello.ok || hello.result.kind !== 'hello' || !list.ok || list.result.kind !== 'list') {
      connection.close();
      return;
    }
    const { pid, version: runnerVersion, epoch } = hello.result;
    this.#info = { pid, version: runnerVersion, epoch };
    this.#listeners.tell({ kind: 'connected', epoch });
  }

  /**
   * Taken in when it arrives and not when somebody who waits for it goes on: an event that came in the same piece is
   * newer, and would be overwritten by it.
   */
  #takeIn(result: RunnerResult): void {
    if (result.kind === 'instance') this.#table.put(result.instance);
    if (result.kind === 'list') this.#table.replace(result.instances);
  }

  #onEvent(event: RunnerEvent): void {
    if (event.event === 'notice') {
      const { nonce, code, message } = event;
      this.#listeners.tell({ kind: 'notice', nonce, code, message });
    } else if (event.event === 'message') {
      const { nonce, message } = event;
      this.#listeners.tell({ kind: 'message', nonce, message });
    } else {
      this.#listeners.tell({ kind: 'instance', instance: this.#table.put(event.instance) });
    }
  }

  #onClose(): void {
    const wasConnected = this.#info !== undefined;
    this.#connection = undefined;
    this.#info = undefined;
    if (wasConnected) this.#listeners.tell({ kind: 'disconnected' });
    if (!this.#closed) this.#retryLater();
  }

  #startRunnerIfDue(): void {
    const { clock, observeOnly, startRunner } = this.#options;
    if (this.#closed || observeOnly === true) return;
    if (clock.monotonic() - this.#startedRunnerAt < RUNNER_START_MS) return;
    this.#startedRunnerAt = clock.monotonic();
    startRunner();
  }

  #retryLater(): void {
    if (this.#closed || this.#options.observeOnly === true) return;
    this.#cancelRetry?.();
    this.#cancelRetry = this.#options.clock.after(this.#retryMs, () => {
      // Failures of #connect end in another retry; it never rejects.
      void this.#connect();
    });
    this.#retryMs = Math.min(this.#retryMs * 1.5, LAST_RETRY_MS);
  }
}

function unreachable(): DriverError {
  return { code: 'unreachable', message: 'the runner does not answer' };
}

function refused(message: string): DriverError {
  return { code: 'refused', message };
}
