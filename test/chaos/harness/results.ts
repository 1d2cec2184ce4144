import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/** How a row ended in one run. */
export interface Result {
  readonly row: string;
  readonly seed: string;
  /** The newest that has changed the code that was tried. */
  readonly commit: string;
  /** When it ended; epoch milliseconds. */
  readonly at: number;
  readonly outcome: 'held' | 'failed' | 'skipped';
  readonly ms: number;
  /** What the row has to say beside it: counts, or why it was skipped. */
  readonly notes: readonly string[];
}

/** Adds the result to those of this run, if anybody collects them. */
export function recordResult(result: Omit<Result, 'commit' | 'at'>): void {
  const file = process.env['CHAOS_RESULTS'];
  if (file === undefined) return;
  const commit = execFileSync('git', ['log', '-1', '--format=%h', '--', 'src'], { encoding: 'utf8' }).trim();
  appendFileSync(file, `${JSON.stringify({ ...result, commit, at: Date.now() })}\n`);
}
