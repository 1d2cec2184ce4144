import type { ProbeSpec } from '../../spec/types.ts';

/** What one probe came to. `text` is one line for people. */
export type ProbeOutcome = { readonly ok: true } | { readonly ok: false; readonly text: string };

/**
 * pending ──successes──▶ passing ◀──successes, failures──▶ failing
 *    └───────────────────failures───────────────────────────▲
 * Each way after its threshold of outcomes in a row.
 */
export interface ProbeState {
  readonly state: 'pending' | 'passing' | 'failing';
  readonly successes: number;
  readonly failures: number;
  /** Kept after a success, for people. */
  readonly lastFailure: string | null;
  /** Epoch milliseconds at which `state` became what it is. */
  readonly since: number;
}

export function pendingProbe(now: number): ProbeState {
  return { state: 'pending', successes: 0, failures: 0, lastFailure: null, since: now };
}

export function afterOutcome(
  before: ProbeState,
  outcome: ProbeOutcome,
  {
    spec,
    now,
  }: { readonly spec: Pick<ProbeSpec, 'success_threshold' | 'failure_threshold'>; readonly now: number },
): ProbeState {
  const successes = outcome.ok ? before.successes + 1 : 0;
  const failures = outcome.ok ? 0 : before.failures + 1;
  const lastFailure = outcome.ok ? before.lastFailure : outcome.text;
  const good = successes >= spec.success_threshold;
  const bad = failures >= spec.failure_threshold;
  const state = good ? 'passing' : bad ? 'failing' : before.state;
  return { state, successes, failures, lastFailure, since: state === before.state ? before.since : now };
}
