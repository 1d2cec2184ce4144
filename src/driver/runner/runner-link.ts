import type { Cancel, Clock } from '../../lib/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { RunnerEvent, RunnerRequest, RunnerResult } from '../../runner/protocol/messages.ts';
import { PROTOCOL_VERSION, refusalToDrive } from '../../runner/protocol/version.ts';
import type { DriverError, RunnerInfo } from '../driver.ts';
import { DISCONNECTED, RunnerConnection, type Answer } from './connection.ts';

export interface RunnerLinkOptions {
  readonly socketPath: string;
  /** Version of the program that connects. */
  readonly version: string;
  readonly clock: Clock;
  /** Starts a runner; called whenever nobody answers on the socket. Harmless when one is just starting. */
  readonly startRunner: () => void;
  /** Looks at the process table without claiming the place of the controller, and never starts a runner. */
  readonly observeOnly?: boolean;
  /** Somebody else starts this controller again when it dies: the runner gives that some time first. */
  readonly supervised?: boolean;
}

export interface RunnerLinkHandlers {
  /** Each answer as it arrives: before whoever asked goes on, and before what came after it. */
  readonly onResult: (result: RunnerResult) => void;
  readonly onEvent: (event: RunnerEvent) => void;
  readonly onState: (state: LinkState) => void;
}

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly runner: RunnerInfo }
  /** A runner answers, and will not be driven by this program. */
  | { readonly kind: 'refused'; readonly failure: Failure };

const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 500;
/** Whether a runner that has refused has given way to another one. */
const REFUSED_RETRY_MS = 5_000;
/** A runner that was asked for has this long to listen before another is asked for. */
const RUNNER_START_MS = 3_000;

/**
 * Keeps a connection to the runner up.
 *
 *   connecting ──hello, list──▶ connected ──socket closed──▶ connecting (retry, starting a runner if none answers)
 *        ├──hello refused──▶ refused ──5 s──▶ hello again
 *        └───────────────────────── close() ─────────────────────────▶ closed
 */
export class RunnerLink {
  readonly #options: RunnerLinkOptions;
  readonly #handlers: RunnerLinkHandlers;
  #state: LinkState = { kind: 'connecting' };
  #connection: RunnerConnection | undefined;
  #closed = false;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: Cancel | undefined;
  #startedRunnerAt = -Infinity;

  constructor(options: RunnerLinkOptions, handlers: RunnerLinkHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Connects, starting a runner if need be; resolves after the first attempt, and never rejects. */
  async open(): Promise<void> {
    if (this.#closed) return;
    try {
      const connection = await RunnerConnection.connect(this.#options.socketPath, {
        onResult: this.#handlers.onResult,
        onEvent: this.#handlers.onEvent,
        onClose: () => this.#onClose(),
      });
      this.#connection = connection;
      await this.#greet(connection);
      this.#startedRunnerAt = -Infinity;
    } catch {
      this.#startRunnerIfDue();
      this.#retryLater();
    }
  }

  async request(request: RunnerRequest): Promise<Result<RunnerResult, DriverError>> {
    const answer = (await this.#connection?.request(request)) ?? DISCONNECTED;
    if (answer.ok) return ok(answer.result);
    const { code, message } = answer;
    if (code === 'disconnected') return err({ code: 'unreachable', message: 'the runner does not answer' });
    return err({ code: code === 'unknown-instance' ? code : 'refused', message });
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#connection?.close();
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
    const refusal = refusalIn(hello, version);
    const list = refusal === null ? await connection.request({ kind: 'list' }) : DISCONNECTED;
    if (refusal !== null) this.#become({ kind: 'refused', failure: refusal });
    if (!hello.ok || hello.result.kind !== 'hello' || !list.ok || list.result.kind !== 'list') {
      connection.close();
      return;
    }
    const { pid, version: runnerVersion, epoch } = hello.result;
    this.#retryMs = FIRST_RETRY_MS;
    this.#become({ kind: 'connected', runner: { pid, version: runnerVersion, epoch } });
  }

  #become(state: LinkState): void {
    const before = this.#state;
    this.#state = state;
    if (state.kind !== before.kind) this.#handlers.onState(state);
  }

  #onClose(): void {
    this.#connection = undefined;
    if (this.#state.kind === 'connected') this.#become({ kind: 'connecting' });
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
    const delayMs = this.#state.kind === 'refused' ? REFUSED_RETRY_MS : this.#retryMs;
    this.#cancelRetry = this.#options.clock.after(delayMs, () => void this.open());
    this.#retryMs = Math.min(this.#retryMs * 1.5, LAST_RETRY_MS);
  }
}

/** Why this program is not to drive the runner that has answered so; null: it is, or there was no answer yet. */
function refusalIn(hello: Answer, version: string): Failure | null {
  if (hello.ok) {
    if (hello.result.kind !== 'hello') return null;
    const refusal = refusalToDrive({ protocol: PROTOCOL_VERSION, version }, hello.result);
    return refusal === null ? null : { code: 'RUNNER_NEWER', ...refusal };
  }
  const { code, message, hint } = hello;
  if (code === 'disconnected' || code === 'busy') return null;
  return { code: 'RUNNER_NEWER', message, ...(hint !== undefined && { hint }) };
}
