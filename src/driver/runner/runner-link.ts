import { within, type Cancel, type Clock } from '../../lib/clocks/clock.ts';
import { inStep } from '../../lib/clocks/in-step.ts';
import { sharedNow } from '../../lib/clocks/shared-clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { RunnerEvent, RunnerRequest, RunnerResult } from '../../runner/protocol/messages.ts';
import { PROTOCOL_VERSION } from '../../runner/protocol/version.ts';
import type { DriverError, RunnerInfo } from '../driver.ts';
import { DISCONNECTED, RunnerConnection, SILENT, type Answer } from './connection.ts';
import { Heartbeat } from './heartbeat.ts';
import { refusalIn } from './refusal.ts';
import { RetryPace } from './retry-pace.ts';
import { silentState, type DescribeSilent, type SilentState } from './silent-state.ts';

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
  /** The clock of time limits; absent: the one of the host. */
  readonly sharedNow?: () => number;
  /** Who is to answer on the socket and does not; absent: nobody knows. */
  readonly describeSilent?: DescribeSilent;
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
  | SilentState
  /** A runner answers, and will not be driven by this program. */
  | { readonly kind: 'refused'; readonly failure: Failure };

/** Whether a runner that has refused has given way to another one. */
const REFUSED_RETRY_MS = 5_000;
/** Whoever wants to know whether the runner answers waits this long for a word. */
const CONFIRM_MS = 5_000;
/** What apps have said and how they have ended meanwhile reaches a runner that wakes before it is asked for its table. */
const SETTLE_MS = 500;

/**
 * Keeps a connection to the runner up.
 *
 *   connecting ──hello, list──▶ connected ──socket closed──▶ connecting (retry, starting a runner if none answers)
 *        │                        │   ▲
 *        │               no word for long  a word, then list
 *        │                        ▼   │
 *        ├──no answer to hello──▶ silent ──socket closed──▶ connecting
 *        ├──hello refused──▶ refused ──5 s──▶ hello again
 *        └───────────────────────── close() ─────────────────────────▶ closed
 */
export class RunnerLink {
  readonly #options: RunnerLinkOptions;
  readonly #handlers: RunnerLinkHandlers;
  #state: LinkState = { kind: 'connecting' };
  #connection: RunnerConnection | undefined;
  /** Who has said hello on this connection. */
  #runner: RunnerInfo | null = null;
  #heartbeat: Heartbeat | undefined;
  /** Under way since a silent runner has said something again. */
  #resuming: Promise<void> | undefined;
  /** Whoever waits for the first attempt has waited long enough. */
  #onFirstSilence: () => void = () => undefined;
  /** Epoch milliseconds. */
  #heardAt = 0;
  #closed = false;
  readonly #pace: RetryPace;
  #cancelRetry: Cancel | undefined;

  constructor(options: RunnerLinkOptions, handlers: RunnerLinkHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#pace = new RetryPace(() => options.clock.monotonic());
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
        onHeard: () => this.#onHeard(),
        onClose: () => this.#onClose(),
        now: this.#options.sharedNow ?? sharedNow,
      });
      this.#connection = connection;
      this.#heardAt = this.#options.clock.now();
      this.#heartbeat = this.#beat(connection);
      await new Promise<void>((resolve, reject) => {
        this.#onFirstSilence = resolve;
        this.#greet(connection).then(resolve, reject);
      });
      this.#pace.found();
    } catch {
      this.#startRunnerIfDue();
      this.#retryLater();
    }
  }

  async request(request: RunnerRequest, onDone?: () => void): Promise<Result<RunnerResult, DriverError>> {
    const answer = await this.#ask(request, onDone);
    if (answer.ok) return ok(answer.result);
    const { code, message } = answer;
    if (code === 'disconnected' || code === 'silent' || code === 'expired') {
      return err({ code: 'unreachable', message: 'the runner does not answer' });
    }
    const isKnown = code === 'unknown-instance' || code === 'unsupported';
    return err({ code: isKnown ? code : 'refused', message });
  }

  /** Why orders would not be heard now; null: they would, or a runner is on its way. */
  async confirm(): Promise<Failure | null> {
    if (this.#resuming !== undefined) await this.#resuming;
    const connection = this.#connection;
    if (this.#state.kind === 'connected' && connection !== undefined) {
      const answer = await within(CONFIRM_MS, connection.request({ kind: 'ping' }), this.#options.clock);
      // The connection may have gone away meanwhile: then another runner is on its way.
      if (answer === null && this.#connection === connection) return this.#silent().failure;
    }
    return this.#state.kind === 'silent' || this.#state.kind === 'refused' ? this.#state.failure : null;
  }

  close(): void {
    this.#closed = true;
    this.#heartbeat?.stop();
    this.#cancelRetry?.();
    this.#connection?.close();
  }

  async #ask(request: RunnerRequest, onDone?: () => void): Promise<Answer> {
    const connection = this.#connection;
    if (connection === undefined) return DISCONNECTED;
    if (this.#state.kind !== 'silent') return connection.request(request, onDone);
    // What is to be done whenever the runner comes to it lies ready for it.
    if (request.kind === 'park') void connection.request(request);
    return SILENT;
  }

  #beat(connection: RunnerConnection): Heartbeat {
    const heartbeat = new Heartbeat({
      clock: inStep(this.#options.clock),
      ping: () => void connection.request({ kind: 'ping' }),
      onSilent: () => {
        this.#become(this.#silent());
        this.#onFirstSilence();
        connection.giveUpLate();
      },
      onStillSilent: () => connection.giveUpLate(),
      onBack: () => {
        this.#resuming = this.#resume(connection);
      },
    });
    // Hello is the first question.
    heartbeat.ask();
    return heartbeat;
  }

  #onHeard(): void {
    this.#heardAt = this.#options.clock.now();
    this.#heartbeat?.heard();
  }

  #silent(): SilentState {
    return silentState(this.#runner, this.#heardAt, this.#options.describeSilent);
  }

  /** It answers again. What it had begun before is on its table, and nothing else is: it drops what has come too late. */
  async #resume(connection: RunnerConnection): Promise<void> {
    const runner = this.#runner;
    if (runner === null) return;
    await new Promise<void>((resolve) => this.#options.clock.after(SETTLE_MS, resolve));
    if (this.#connection !== connection) return;
    const list = await connection.request({ kind: 'list' });
    if (list.ok && this.#connection === connection) this.#become({ kind: 'connected', runner });
  }

  async #greet(connection: RunnerConnection): Promise<void> {
    const { version, observeOnly, supervised } = this.#options;
    const hello = await connection.request({
      kind: 'hello',
      protocol: PROTOCOL_VERSION,
      version,
      controller: observeOnly !== true,
      ...(supervised === true && { supervised }),
      ...(observeOnly !== true && { pid: process.pid }),
    });
    const refusal = refusalIn(hello, version);
    const list = refusal === null ? await connection.request({ kind: 'list' }) : DISCONNECTED;
    if (refusal !== null) this.#become({ kind: 'refused', failure: refusal });
    if (!hello.ok || hello.result.kind !== 'hello' || !list.ok || list.result.kind !== 'list') {
      this.#heartbeat?.stop();
      connection.close();
      return;
    }
    const { pid, version: runnerVersion, build, epoch } = hello.result;
    this.#pace.connected();
    this.#runner = { pid, version: runnerVersion, ...(build !== undefined && { build }), epoch };
    this.#become({ kind: 'connected', runner: this.#runner });
  }

  #become(state: LinkState): void {
    const before = this.#state;
    this.#state = state;
    if (state.kind !== before.kind) this.#handlers.onState(state);
  }

  #onClose(): void {
    this.#connection = undefined;
    this.#runner = null;
    this.#heartbeat?.stop();
    if (this.#state.kind === 'connected' || this.#state.kind === 'silent')
      this.#become({ kind: 'connecting' });
    if (!this.#closed) this.#retryLater();
  }

  #startRunnerIfDue(): void {
    const { observeOnly, startRunner } = this.#options;
    if (this.#closed || observeOnly === true) return;
    if (this.#pace.askIfDue()) startRunner();
  }

  #retryLater(): void {
    if (this.#closed || this.#options.observeOnly === true) return;
    this.#cancelRetry?.();
    const delayMs = this.#state.kind === 'refused' ? REFUSED_RETRY_MS : this.#pace.next();
    this.#cancelRetry = this.#options.clock.after(delayMs, () => void this.open());
  }
}
