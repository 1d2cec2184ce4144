import type { Clock } from '../../lib/clocks/clock.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import type { Store } from '../../state/store.ts';
import { DeclaredFiles } from './declared-files.ts';
import { driftRounds, type Rounds } from './rounds.ts';

export interface DriftOptions {
  readonly store: Store;
  readonly status: StatusTable;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Begins to look for what is changed beside stateward. */
export function openDrift({ onError, ...options }: DriftOptions): Rounds {
  const { clock, store } = options;
  const whenAsked = new DeclaredFiles(options);
  return driftRounds({
    looks: [],
    whenAsked,
    clock,
    random: Math.random,
    onError,
    onCommit: (listener) => store.onCommit(listener),
  });
}
