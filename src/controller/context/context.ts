import type { ObservedInstance } from '../../plan/model/observed.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { HostDriver } from '../../driver/driver.ts';
import type { ReconcileLoop } from '../../reconcile/loop.ts';
import type { Observer } from '../../reconcile/observer.ts';
import type { Store } from '../../state/store.ts';
import type { FreezeBook } from '../../state/freezes/freeze-book.ts';
import type { Probes } from '../../triggers/probes/probes.ts';
import type { UsageTable } from '../../triggers/usage/usage-table.ts';
import type { HomeLayout } from '../../home/layout.ts';
import type { Ending } from '../ending.ts';
import type { HomeSettings } from '../settings/open.ts';
import type { Http } from '../http/http.ts';
import type { SecretBook } from '../secrets/secret-book.ts';
import type { CodeBook } from './code-book.ts';
import type { LeavingApps } from './leaving-apps.ts';

/** The parts of a controller that answers of the API are made from. */
export interface ControllerContext {
  readonly paths: HomeLayout;
  readonly version: string;
  /** Somebody else starts the controller again when it dies: `daemon run`. */
  readonly supervised: boolean;
  readonly clock: Clock;
  /** What the owner of the home has set: read it, follow it, say what cannot be followed. */
  readonly settings: HomeSettings;
  readonly store: Store;
  readonly freezes: FreezeBook;
  readonly driver: HostDriver;
  readonly observer: Observer;
  readonly loop: ReconcileLoop;
  readonly leaving: LeavingApps;
  readonly probes: Probes;
  readonly code: CodeBook;
  readonly secrets: SecretBook;
  /** What ran when the controller came up, before it did anything. */
  readonly atStart: readonly ObservedInstance[];
  readonly usage: UsageTable;
  /** Looks at what may have been changed beside stateward, where that is cheap. Never fails. */
  readonly lookForDrift: () => Promise<void>;
  /** When a schedule restarts or runs the app next, epoch milliseconds; null: it has none, or is stopped. */
  readonly nextRun: (key: AppKey) => number | null;
  /** Begins to make things so, where that has waited for an apply. Once is as good as twice. */
  readonly begin: () => void;
  /** Who may ask over the network, and where that is listened for. */
  readonly http: Http;
  /** How the controller is asked to end. */
  readonly ending: Pick<Ending, 'ask'>;
}
