import type { Round, RoundAction, RoundCause } from '../../../../reconcile/rounds.ts';

/** GET /v1/rounds?selector=S&limit=N: what the loop did of late, newest first. Kept in memory alone, at most 20 of an app. */
export interface RoundList {
  readonly apiVersion: 'v1';
  readonly kind: 'RoundList';
  readonly items: readonly RoundInfo[];
}

/** One look at one app that has led to something: Round with an RFC 3339 time. */
export interface RoundInfo extends Omit<Round, 'at' | 'causes' | 'actions'> {
  readonly at: string;
  readonly causes: readonly RoundCause[];
  readonly actions: readonly RoundAction[];
}
