import type { HostDriver } from '../../driver/driver.ts';
import type { HomeLayout } from '../../home/layout.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Live } from '../../lib/values/live.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import type { Store } from '../../state/store.ts';
import { isTuned } from '../../triggers/limits.ts';
import { PortOwners } from '../../triggers/probes/port-owner.ts';
import { marksOfHome } from '../context/create-driver.ts';
import { DeclaredFiles } from './declared-files.ts';
import { EditedReleases, type EditedReleasesOptions } from './edited-releases.ts';
import { driftRounds, type Rounds } from './rounds.ts';
import { Strangers } from './strangers.ts';
import { ToldBefore } from './told-before.ts';
import { TakenPorts } from './taken-ports.ts';

export interface DriftOptions {
  readonly store: Store;
  readonly status: StatusTable;
  readonly driver: HostDriver;
  readonly clock: Clock;
  readonly paths: HomeLayout;
  /** As in EditedReleasesOptions. */
  readonly editedOf: EditedReleasesOptions['editedOf'];
  /** From one round to the next, in milliseconds. */
  readonly period: Live<number>;
  readonly onError: (error: unknown) => void;
}

/** Begins to look for what is changed beside stateward. */
export function openDrift({ onError, paths, period, ...given }: DriftOptions): Rounds {
  const toldBefore = new ToldBefore();
  const options = { ...given, toldBefore };
  const { clock, store } = options;
  const owners = new PortOwners(() => clock.monotonic());
  // One for all rounds: it remembers which processes it has looked at.
  const marks = marksOfHome(paths);
  return driftRounds({
    looks: [
      new TakenPorts({ ...options, owners }),
      { look: () => keepLimits(options) },
      new EditedReleases(options),
      new Strangers({ ...options, marks: () => ({ ...marks, now: clock.now() }) }),
    ],
    prepare: () => toldBefore.read(store),
    whenAsked: new DeclaredFiles(options),
    clock,
    period,
    random: Math.random,
    onError,
    onCommit: (listener) => store.onCommit(listener),
  });
}

/** Where no app declares any, nobody is asked. */
async function keepLimits({ store, driver }: Pick<DriftOptions, 'store' | 'driver'>): Promise<void> {
  const isLimited = store.desired().some(({ spec }) => spec.limits !== null || isTuned(spec));
  if (isLimited && driver.reachable) await driver.checkLimits();
}
