import type { HttpProblem, HttpReason } from '../../api/contract/wire/access/http.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Reason } from '../../plan/model/reasons.ts';

/** Has an event of the home say so. */
export type Tell = (level: 'info' | 'warning', reason: Reason, message: string) => void;

/** Says that the settings cannot be followed, and why; null: they are. */
export type Report = (failure: Failure | null) => void;

/** What was promised of the listener and is not so: shown while it lasts, told once. */
export class Problems {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tell: Tell;
  readonly #report: Report;
  readonly #shown = new Map<HttpReason, HttpProblem>();

  constructor(clock: Pick<Clock, 'now'>, tell: Tell, report: Report) {
    this.#clock = clock;
    this.#tell = tell;
    this.#report = report;
  }

  list(): readonly HttpProblem[] {
    return [...this.#shown.values()];
  }

  /** It cannot be listened as the settings say. */
  unheard(failure: Failure): void {
    if (this.#show('HttpUnheard', failure)) this.#report(failure);
  }

  heard(): void {
    if (this.#shown.delete('HttpUnheard')) this.#report(null);
  }

  certificate(reason: 'CertificateUnusable' | 'CertificateEnds', problem: Said): void {
    if (this.#show(reason, problem)) this.#tell('warning', reason, problem.message);
  }

  /** `message`: how it is now; null: something else has said it. */
  certificateEnds(reason: 'CertificateUnusable' | 'CertificateEnds', message: string | null): void {
    if (this.#shown.delete(reason) && message !== null) this.#tell('info', 'CertificateTaken', message);
  }

  /** Nothing is promised any more. */
  clear(): void {
    this.heard();
    this.#shown.clear();
  }

  /** Whether it is new. */
  #show(reason: HttpReason, { message, hint = '' }: Said): boolean {
    const before = this.#shown.get(reason);
    if (before?.message === message) return false;
    const since = before?.since ?? new Date(this.#clock.now()).toISOString();
    this.#shown.set(reason, { reason, since, message, hint });
    return true;
  }
}

type Said = Pick<Failure, 'message' | 'hint'>;
