import type { Cancel, Clock } from '../lib/clocks/clock.ts';

/** A controller that was started. */
export interface StartedController {
  /** Calls back once when it has ended, or could not be started; `killed`: by SIGKILL, so not by its own fault. */
  readonly onEnd: (callback: (killed: boolean) => void) => void;
  /** Ends it with SIGKILL. */
  readonly kill: () => void;
}

export interface ControllerWatchOptions {
  readonly clock: Clock;
  readonly start: () => StartedController;
  /** Whether there is a home left to run a controller for. */
  readonly isWanted: () => boolean;
  readonly onParked: () => void;
  readonly log: (message: string) => void;
}

/** How long the controller that started this runner may take to connect. */
const FIRST_WAIT_MS = 5_000;
const FIRST_DELAY_MS = 100;
/** One that was started and has not connected by then hangs. With a million events to read it takes a second. */
const START_LIMIT_MS = 60_000;
/** Whoever supervises a controller has this long to start the next one. */
const SUPERVISED_WAIT_MS = 3_000;
const LAST_DELAY_MS = 5_000;
/** The longest wait after one that was killed: the next one will come up, unless it is killed as well. */
const KILLED_DELAY_MS = 200;
/** A controller that stayed connected this long has come up: whatever ends it, the next one will come up too. */
const UP_MS = 1_000;

type State =
  | { readonly kind: 'waiting'; readonly delayMs: number; readonly cancel: Cancel }
  | { readonly kind: 'starting'; readonly cancel: Cancel }
  | { readonly kind: 'connected'; readonly since: number; readonly supervised: boolean }
  | { readonly kind: 'parked' };

/**
 * Sees to it that there is a controller.
 *
 *   waiting ──time is up──▶ starting ──ended──▶ waiting (100 ms, doubling to 5 s)
 *      │                       │
 *      └───────hello───────────┴──▶ connected ──connection closed──▶ starting at once, or waiting if it had not come up
 *   connected ──closed, and supervised──▶ waiting (3 s for whoever supervises it)
 *   starting ──neither in 60 s──▶ killed, so ended
 *   waiting ──the one that was lost turns out to be killed──▶ waiting (200 ms at most)
 *   any ──park──▶ parked ──hello──▶ connected
 */
export class ControllerWatch {
  readonly #options: ControllerWatchOptions;
  #state: State;
  #newest: State | null = null;
  #delayMs = 0;

  constructor(options: ControllerWatchOptions) {
    this.#options = options;
    this.#state = this.#wait(FIRST_WAIT_MS);
  }

  get parked(): boolean {
    return this.#state.kind === 'parked';
  }

  connected(supervised = false): void {
    this.#leave();
    this.#state = { kind: 'connected', since: this.#options.clock.monotonic(), supervised };
  }

  lost(): void {
    if (this.#state.kind !== 'connected') return;
    if (this.#state.supervised) {
      this.#state = this.#wait(SUPERVISED_WAIT_MS);
      return;
    }
    if (this.#options.clock.monotonic() - this.#state.since >= UP_MS) this.#delayMs = 0;
    this.#startAfterDelay();
  }

  /** Starts none until one connects by itself. */
  park(): void {
    this.#leave();
    this.#state = { kind: 'parked' };
    this.#options.onParked();
  }

  /** It may be known before its connection is lost, or after. */
  #wasKilled(): void {
    this.#delayMs = Math.min(this.#delayMs, KILLED_DELAY_MS);
    const state = this.#state;
    const waitsLonger = state.kind === 'waiting' && state.delayMs > KILLED_DELAY_MS;
    if (waitsLonger) state.cancel();
    if (waitsLonger || state.kind === 'starting') this.#startAfterDelay();
  }

  #startAfterDelay(): void {
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(LAST_DELAY_MS, Math.max(FIRST_DELAY_MS, delayMs * 2));
    if (delayMs === 0) this.#start();
    else this.#state = this.#wait(delayMs);
  }

  #wait(delayMs: number): State {
    return { kind: 'waiting', delayMs, cancel: this.#options.clock.after(delayMs, () => this.#start()) };
  }

  #start(): void {
    if (!this.#options.isWanted()) {
      this.park();
      return;
    }
    const { clock, log, start } = this.#options;
    log('no controller is connected: starting one');
    const started = start();
    const cancel = clock.after(START_LIMIT_MS, () => {
      log(`the controller that was started has not connected in ${START_LIMIT_MS / 1_000} s: it is killed`);
      started.kill();
    });
    const state: State = { kind: 'starting', cancel };
    this.#state = state;
    this.#newest = state;
    started.onEnd((killed) => {
      cancel();
      if (killed && this.#newest === state) this.#wasKilled();
      else if (this.#state === state) this.#startAfterDelay();
    });
  }

  #leave(): void {
    if (this.#state.kind === 'waiting' || this.#state.kind === 'starting') this.#state.cancel();
  }
}
