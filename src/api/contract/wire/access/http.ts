/** The listener for browsers and other machines, as `http` of the settings asks for it. */
export interface HttpInfo {
  /** What is asked for. */
  readonly listen: string;
  /** Where it listens; null: nowhere. Another one than is asked for is the one before, which stays until that can be had. */
  readonly address: string | null;
  /** Where a browser finds it; null: it does not listen, or the settings do not say (http.hosts). */
  readonly url: string | null;
  /** Until when the certificate in use holds; null: it has none. */
  readonly certificateUntil: string | null;
  /** What was asked for and is not so, or not for long. */
  readonly problems: readonly HttpProblem[];
}

export type HttpReason = 'HttpUnheard' | 'CertificateUnusable' | 'CertificateEnds';

export interface HttpProblem {
  readonly reason: HttpReason;
  readonly since: string;
  readonly message: string;
  readonly hint: string;
}
