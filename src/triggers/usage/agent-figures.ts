import { FIGURES, isCommand, type Figures, type FiguresRequest } from '../../agent/protocol.ts';
import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { readFigures } from './read-figures.ts';

/** What an agent has measured in its process. */
export interface AgentFigures extends Figures {
  /** Between the last two answers; null: there was one only. */
  readonly requestsPerMinute: number | null;
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
/** Whoever reads metrics does so every minute, or more often. */
const SCRAPED_MS = 75_000;
/** What is younger need not be asked for again. */
const FRESH_MS = 1_000;
/** A process that has not answered by then is left out of what is measured now: its event loop is blocked. */
const PATIENCE_MS = 500;
const MINUTE_MS = 60_000;

interface Known {
  readonly figures: AgentFigures;
  readonly at: number;
  /** How long until it is asked again. */
  readonly period: number;
}

/** Told when something of a process is another value than before. */
export type FiguresListener = (key: AppKey) => void;

/** Somebody who wants to know; `heard` is told of every answer. */
interface Looker {
  readonly changed?: FiguresListener;
  readonly heard?: (nonce: string) => void;
}

/**
 * Has the agents measure while somebody looks, and asks them for what they have. An agent that is too old does not
 * answer, and a process without a channel is not asked: nothing is known of them.
 */
export class AgentFiguresTable {
  readonly #options: AgentFiguresOptions;
  readonly #known = new Map<string, Known>();
  readonly #keys = new Map<string, AppKey>();
  readonly #lookers = new Set<Looker>();
  #end: Cancel = () => undefined;
  #endRounds: Cancel | null = null;

  constructor(options: AgentFiguresOptions) {
    this.#options = options;
  }

  /** The newest figures of a process; undefined: nobody looks, or it has none. */
  of(nonce: string): AgentFigures | undefined {
    return this.#known.get(nonce)?.figures;
  }

  /** Somebody looks, until the returned function is called, and is told of each app with other figures. */
  look(changed: FiguresListener): Cancel {
    const end = this.#listen({ changed });
    this.#endRounds ??= this.#beginRounds();
    return () => {
      end();
      if (this.#endRounds === null || [...this.#lookers].some((looker) => looker.changed !== undefined))
        return;
      this.#endRounds();
      this.#endRounds = null;
    };
  }

  /** Asks every process, and gives what those have, by their nonce, that answer in time. */
  async measureNow(): Promise<ReadonlyMap<string, AgentFigures>> {
    const { clock } = this.#options;
    const since = clock.monotonic() - FRESH_MS;
    const isFresh = (nonce: string): boolean => (this.#known.get(nonce)?.at ?? -Infinity) > since;
    const asked = [...this.#live()].filter((nonce) => !isFresh(nonce));
    const missing = new Set(asked);
    let end: Cancel = () => undefined;
    const answered = new Promise<void>((resolve) => {
      const cancel = clock.after(PATIENCE_MS, resolve);
      const endListening = this.#listen({
        heard(nonce) {
          if (missing.delete(nonce) && missing.size === 0) resolve();
        },
      });
      end = () => {
        cancel();
        endListening();
      };
    });
    for (const nonce of asked) this.#ask(nonce, SCRAPED_MS);
    if (missing.size > 0) await answered;
    const measured = [...this.#known].flatMap(([nonce, { figures }]) =>
      isFresh(nonce) ? [[nonce, figures] as const] : [],
    );
    end();
    return new Map(measured);
  }

  #listen(looker: Looker): Cancel {
    this.#lookers.add(looker);
    if (this.#lookers.size === 1) {
      this.#end = this.#options.driver.subscribe((event) => {
        if (event.kind === 'message') this.#take(event.nonce, event.message);
      });
    }
    return () => {
      if (!this.#lookers.delete(looker) || this.#lookers.size > 0) return;
      this.#end();
      this.#known.clear();
      this.#keys.clear();
    };
  }

  #beginRounds(): Cancel {
    let cancel: Cancel = () => undefined;
    const round = (): void => {
      this.#round();
      cancel = this.#options.clock.after(PERIOD_MS, round);
    };
    round();
    return () => cancel();
  }

  #round(): void {
    const now = this.#options.clock.monotonic();
    for (const nonce of this.#live()) {
      const known = this.#known.get(nonce);
      // A round is never exactly on time.
      if (known !== undefined && now - known.at < known.period - PERIOD_MS / 2) continue;
      this.#ask(nonce, MEASURE_MS);
    }
  }

  /** The processes that can be asked; what was known of others is forgotten. */
  #live(): ReadonlySet<string> {
    const live = new Set<string>();
    for (const { nonce, key, state, connected } of this.#options.driver.instances()) {
      if (state !== 'running' || connected !== true) continue;
      live.add(nonce);
      this.#keys.set(nonce, key);
    }
    for (const nonce of [...this.#keys.keys()]) {
      if (live.has(nonce)) continue;
      this.#known.delete(nonce);
      this.#keys.delete(nonce);
    }
    return live;
  }

  /** One that cannot be asked now is asked in the next round. */
  #ask(nonce: string, forMs: number): void {
    const request: FiguresRequest = { cmd: FIGURES, id: null, forMs };
    void this.#options.driver.send(nonce, request);
  }

  #take(nonce: string, message: unknown): void {
    if (!isCommand(message, FIGURES)) return;
    const read = readFigures(message);
    if (read === null) return;
    const at = this.#options.clock.monotonic();
    const before = this.#known.get(nonce);
    const figures: AgentFigures = {
      ...read,
      requestsPerMinute:
        before === undefined ? null : perMinute(read.requests - before.figures.requests, at - before.at),
    };
    const isIdle =
      before?.figures.requests === read.requests && (figures.eventLoopLagMaxMs ?? 0) < IDLE_LAG_MS;
    const period = isIdle ? Math.min(before.period * 2, IDLE_PERIOD_MS) : PERIOD_MS;
    this.#known.set(nonce, { figures, at, period });
    const key = this.#keys.get(nonce);
    const isOther = before === undefined || !isSame(before.figures, figures);
    for (const { changed, heard } of this.#lookers) {
      heard?.(nonce);
      if (key !== undefined && isOther) changed?.(key);
    }
  }
}

/** As far as a table shows it: what else differs is seen when something of this does. */
function isSame(one: AgentFigures, other: AgentFigures): boolean {
  return (
    one.requests === other.requests &&
    one.requestsPerMinute === other.requestsPerMinute &&
    one.eventLoopLagMs === other.eventLoopLagMs &&
    one.eventLoopLagMaxMs === other.eventLoopLagMaxMs
  );
}

/** null: no time has passed, or the agent has begun anew. */
function perMinute(requests: number, ms: number): number | null {
  return ms <= 0 || requests < 0 ? null : Math.round((requests / ms) * MINUTE_MS);
}
