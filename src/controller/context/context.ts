import type { ObservedInstance } from '../../plan/model/types.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { HostDriver } from '../../driver/driver.ts';
import type { ReconcileLoop } from '../../reconcile/loop.ts';
import type { Store } from '../../state/store.ts';
import type { Commit, Fact, RevisionMeta } from '../../state/model/types.ts';
import type { Probes } from '../../triggers/probes/probes.ts';
import type { UsageSample } from '../../triggers/usage/usage.ts';
import type { HomeLayout } from '../../home/layout.ts';
import type { CodeBook } from './code-book.ts';
import type { LeavingApps } from './leaving-apps.ts';

/** What the answers of the API are made from. */
export interface ControllerContext {
  readonly paths: HomeLayout;
  readonly version: string;
  readonly clock: Clock;
  readonly store: Store;
  readonly driver: HostDriver;
  readonly loop: ReconcileLoop;
  readonly leaving: LeavingApps;
  readonly probes: Probes;
  readonly code: CodeBook;
  /**
   * Makes a fact durable, then has triggers and loop look at what it changed. The only way in which the controller
   * changes the desired state.
   */
  readonly commit: (fact: Fact | readonly Fact[], meta?: RevisionMeta) => Promise<Result<Commit, Failure>>;
  /** What ran when the controller came up, before it did anything. */
  readonly atStart: readonly ObservedInstance[];
  /** Newest sample of each process, by pid. */
  readonly usage: () => ReadonlyMap<number, UsageSample>;
  /** When a schedule restarts or runs the app next, epoch milliseconds; null: it has none, or is stopped. */
  readonly nextRun: (key: AppKey) => number | null;
  /** Ends the controller; `all`: the apps and the runner too. */
  readonly stop: (all: boolean) => void;
}
