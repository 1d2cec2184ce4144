/** How much of what was is kept. */
export interface Retention {
  /** Accepted versions of each project. */
  readonly revisions: number;
  /** How large the event file grows before it is rotated; one older file is kept. */
  readonly eventFileBytes: number;
}

/** What is kept where nobody has said it. */
export const USUAL_RETENTION: Retention = { revisions: 20, eventFileBytes: 4 * 1024 * 1024 };
