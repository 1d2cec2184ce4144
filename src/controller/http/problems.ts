import type { HttpProblem, HttpReason } from '../../api/contract/wire/access/http.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Reason } from '../../plan/model/reasons.ts';

/** Has an event of the home say so. */
export type Tell = (level: 'info' | 'warning', reason: Reason, message: string) => void;

/** The event that says that something is over. */
const OVER = {
  HttpUnheard: 'HttpListening',
  CertificateUnusable: 'CertificateTaken',
  CertificateEnds: 'CertificateTaken',
} as const satisfies Record<HttpReason, Reason>;

/** What was promised of the listener and is not so: shown while it lasts, told once. */
export class Problems {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tell: Tell;
  readonly #shown = new Map<HttpReason, HttpProblem>();

  constructor(clock: Pick<Clock, 'now'>, tell: Tell) {
    this.#clock = clock;
    this.#tell = tell;
  }

  list(): readonly HttpProblem[] {
    return [...this.#shown.values()];
  }

  shows(
    reason: HttpReason,
    { message, hint = '' }: { readonly message: string; readonly hint?: string },
  ): void {
    const before = this.#shown.get(reason);
    if (before?.message === message) return;
    const since = before?.since ?? new Date(this.#clock.now()).toISOString();
    this.#shown.set(reason, { reason, since, message, hint });
    this.#tell('warning', reason, message);
  }

  /** `message`: how it is now. */
  ends(reason: HttpReason, message: string): void {
    if (this.#shown.delete(reason)) this.#tell('info', OVER[reason], message);
  }

  /** Something else says how it is now. */
  forget(reason: HttpReason): void {
    this.#shown.delete(reason);
  }

  /** Nothing is promised any more. */
  clear(): void {
    this.#shown.clear();
  }
}
