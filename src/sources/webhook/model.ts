import type { Cancel, Clock } from '../../lib/clocks/clock.ts';

/** A source that may be asked for by webhook. */
export interface WebhookTarget {
  /** Current secrets, several while they are rotated; read when a request comes. None: every request is refused. */
  secrets(): readonly string[];
  /** The whole name of the followed branch (`refs/heads/main`), so that pushes to others cause no fetch; null: every push counts. */
  readonly ref: string | null;
  /** What it asks for. Called at most once in two seconds; a request that comes between is made up for at their end. */
  fetch(): void;
}

export interface WebhookListenerOptions {
  /** `127.0.0.1:9097`, `[::1]:9097`; port 0 takes a free one. */
  readonly listen: string;
  /** By the name in the path: POST /hooks/NAME. */
  target(name: string): WebhookTarget | undefined;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface WebhookListener {
  /** Where it listens: `127.0.0.1:9097`. */
  readonly address: string;
  readonly close: Cancel;
}
