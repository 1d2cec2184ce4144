import { appendFileSync } from 'node:fs';

/** How a row ended in one run. */
export interface Result {
  readonly row: string;
  readonly outcome: 'held' | 'failed' | 'skipped';
  readonly ms: number;
  /** What the row has to say beside it: counts, or why it was skipped. */
  readonly notes: readonly string[];
}

/** Adds the result to those of this run, if anybody collects them. */
export function recordResult(result: Result): void {
  const file = process.env['CHAOS_RESULTS'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(result)}\n`);
}
