import { FIGURES, isCommand, type FiguresRequest } from '../../agent/protocol.ts';
import type { Driver } from '../../driver/driver.ts';
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
/** An agent goes on measuring for so long after it was asked last: some rounds may be late, or lost with a controller. */
const MEASURE_MS = 15_000;
const MINUTE_MS = 60_000;

interface Known extends AgentFigures {
  readonly at: number;
}

/**
 * Has the agents measure while somebody looks, and asks them for what they have. An agent that is too old does not
 * answer, and a process without a channel is not asked: nothing is known of them.
 */
export class AgentFiguresTable {
  readonly #options: AgentFiguresOptions;
  readonly #known = new Map<string, Known>();
  #lookers = 0;
  #end: Cancel = () => undefined;

  constructor(options: AgentFiguresOptions) {
    this.#options = options;
  }

  /** The newest figures of a process; undefined: nobody looks, or it has none. */
  of(nonce: string): AgentFigures | undefined {
    return this.#known.get(nonce);
  }

  /** Somebody looks, until the returned function is called. */
  look(): Cancel {
    this.#lookers += 1;
    if (this.#lookers === 1) this.#end = this.#begin();
    let looks = true;
    return () => {
      if (!looks) return;
      looks = false;
      this.#lookers -= 1;
      if (this.#lookers > 0) return;
      this.#end();
      this.#known.clear();
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
    const { driver } = this.#options;
    const live = new Set<string>();
    for (const { nonce, state, connected } of driver.instances()) {
      if (state !== 'running' || connected !== true) continue;
      live.add(nonce);
      const request: FiguresRequest = { cmd: FIGURES, id: null, forMs: MEASURE_MS };
      // One that cannot be asked now is asked in the next round.
      void driver.send(nonce, request);
    }
    for (const nonce of this.#known.keys()) if (!live.has(nonce)) this.#known.delete(nonce);
  }

  /** An app can write what it wants to its channel: what is no number is no figure. */
  #take(nonce: string, message: unknown): void {
    if (!isCommand(message, FIGURES)) return;
    const requests = amount(message['requests']);
    if (requests === null) return;
    const at = this.#options.clock.monotonic();
    const before = this.#known.get(nonce);
    this.#known.set(nonce, {
      at,
      requests,
      requestsPerMinute: before === undefined ? null : perMinute(requests - before.requests, at - before.at),
      eventLoopLagMs: amount(message['eventLoopLagMs']),
      eventLoopLagMaxMs: amount(message['eventLoopLagMaxMs']),
    });
  }
}

/** null: no time has passed, or the agent has begun anew. */
function perMinute(requests: number, ms: number): number | null {
  return ms <= 0 || requests < 0 ? null : Math.round((requests / ms) * MINUTE_MS);
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
