import { FIGURES, isCommand, type FiguresRequest } from '../../agent/protocol.ts';
import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';

/** What an agent has measured in its process. */
export interface AgentFigures {
  /** HTTP requests since measuring began. */
  readonly requests: number;
  /** Between the last two answers; null: there was one only. */
  readonly requestsPerMinute: number | null;
  /** How late the event loop was between them, in milliseconds. */
  readonly eventLoopLagMs: number | null;
  readonly eventLoopLagMaxMs: number | null;
}

export interface AgentFiguresOptions {
  readonly driver: Pick<Driver, 'instances' | 'send' | 'subscribe'>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
}

const PERIOD_MS = 2_000;
/** A process without requests is asked more and more seldom, so that hundreds of idle ones cost little. */
const IDLE_PERIOD_MS = 8_000;
/** A loop that is later than this is not idle, whatever it does. */
const IDLE_LAG_MS = 50;
/** An agent goes on measuring for so long after it was asked last: some rounds may be late, or lost with a controller. */
const MEASURE_MS = 15_000;
const MINUTE_MS = 60_000;

interface Known extends AgentFigures {
  readonly at: number;
  /** How long until it is asked again. */
  readonly period: number;
}

/** Told when something of a process is another value than before. */
export type FiguresListener = (key: AppKey) => void;

/**
 * Has the agents measure while somebody looks, and asks them for what they have. An agent that is too old does not
 * answer, and a process without a channel is not asked: nothing is known of them.
 */
export class AgentFiguresTable {
  readonly #options: AgentFiguresOptions;
  readonly #known = new Map<string, Known>();
  readonly #keys = new Map<string, AppKey>();
  readonly #lookers = new Set<{ readonly changed: FiguresListener }>();
  #end: Cancel = () => undefined;

  constructor(options: AgentFiguresOptions) {
    this.#options = options;
  }

  /** The newest figures of a process; undefined: nobody looks, or it has none. */
  of(nonce: string): AgentFigures | undefined {
    return this.#known.get(nonce);
  }

  /** Somebody looks, until the returned function is called, and is told of each app with other figures. */
  look(changed: FiguresListener): Cancel {
    const looker = { changed };
    this.#lookers.add(looker);
    if (this.#lookers.size === 1) this.#end = this.#begin();
    return () => {
      if (!this.#lookers.delete(looker) || this.#lookers.size > 0) return;
      this.#end();
      this.#known.clear();
      this.#keys.clear();
    };
  }

  #begin(): Cancel {
    const { driver, clock } = this.#options;
    const unsubscribe = driver.subscribe((event) => {
      if (event.kind === 'message') this.#take(event.nonce, event.message);
    });
    let cancel: Cancel = () => undefined;
    const round = (): void => {
      this.#ask();
      cancel = clock.after(PERIOD_MS, round);
    };
    round();
    return () => {
      unsubscribe();
      cancel();
    };
  }

  #ask(): void {
    const { driver, clock } = this.#options;
    const now = clock.monotonic();
    const live = new Set<string>();
    for (const { nonce, key, state, connected } of driver.instances()) {
      if (state !== 'running' || connected !== true) continue;
      live.add(nonce);
      this.#keys.set(nonce, key);
      const known = this.#known.get(nonce);
      // A round is never exactly on time.
      if (known !== undefined && now - known.at < known.period - PERIOD_MS / 2) continue;
      const request: FiguresRequest = { cmd: FIGURES, id: null, forMs: MEASURE_MS };
      // One that cannot be asked now is asked in the next round.
      void driver.send(nonce, request);
    }
    for (const nonce of [...this.#keys.keys()]) {
      if (live.has(nonce)) continue;
      this.#known.delete(nonce);
      this.#keys.delete(nonce);
    }
  }

  /** An app can write what it wants to its channel: what is no number is no figure. */
  #take(nonce: string, message: unknown): void {
    if (!isCommand(message, FIGURES)) return;
    const requests = amount(message['requests']);
    if (requests === null) return;
    const at = this.#options.clock.monotonic();
    const before = this.#known.get(nonce);
    const figures: AgentFigures = {
      requests,
      requestsPerMinute: before === undefined ? null : perMinute(requests - before.requests, at - before.at),
      eventLoopLagMs: rounded(amount(message['eventLoopLagMs'])),
      eventLoopLagMaxMs: rounded(amount(message['eventLoopLagMaxMs'])),
    };
    const isIdle = before?.requests === requests && (figures.eventLoopLagMaxMs ?? 0) < IDLE_LAG_MS;
    const period = isIdle ? Math.min(before.period * 2, IDLE_PERIOD_MS) : PERIOD_MS;
    this.#known.set(nonce, { ...figures, at, period });
    const key = this.#keys.get(nonce);
    if (key === undefined || (before !== undefined && isSame(before, figures))) return;
    for (const { changed } of this.#lookers) changed(key);
  }
}

function isSame(one: AgentFigures, other: AgentFigures): boolean {
  return (
    one.requests === other.requests &&
    one.requestsPerMinute === other.requestsPerMinute &&
    one.eventLoopLagMs === other.eventLoopLagMs &&
    one.eventLoopLagMaxMs === other.eventLoopLagMaxMs
  );
}

/** Less than a millisecond is noise, and everything that differs is sent. */
function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

/** null: no time has passed, or the agent has begun anew. */
function perMinute(requests: number, ms: number): number | null {
  return ms <= 0 || requests < 0 ? null : Math.round((requests / ms) * MINUTE_MS);
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
