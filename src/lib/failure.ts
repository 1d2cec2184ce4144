import type { ErrorCode } from './error-codes.ts';

/** Where in a user's file something is wrong: the line and its column where they are known, counted from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Something that went wrong and that a person can mend: a stable code, a message in lower case ("cannot X: why"),
 * a hint that says the way out, and the place in a file where there is one.
 */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly position?: SourcePosition;
  /** Two lines of the file with a marker under the offending text, ready to print. */
  readonly frame?: string;
  /** Further lines: candidates, what moved, last log lines. */
  readonly details?: readonly string[];
}

/** Carries one or more failures across a boundary where a value cannot go. */
export class FailureError extends Error {
  readonly failures: readonly [Failure, ...Failure[]];

  constructor(first: Failure, ...rest: readonly Failure[]) {
    super(first.message);
    this.name = 'FailureError';
    this.failures = [first, ...rest];
  }
}
