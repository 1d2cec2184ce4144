import type { HostDriver } from '../../driver/driver.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import { readRange, USUAL_RANGE, type PortRange } from '../../spec/ports/chosen-ports.ts';
import type { Store } from '../../state/store.ts';
import { PortOwners } from '../../triggers/probes/port-owner.ts';
import { ephemeralRange, isFree } from './free-port.ts';
import { PortBook } from './port-book.ts';

/** Of the daemon: the ports that `port: auto` chooses from. */
const RANGE_VARIABLE = 'STATEWARD_PORT_RANGE';

/** The ports to choose from; fails where the daemon is told of a range that is none. */
export function portRange(environment: Readonly<NodeJS.ProcessEnv>): Result<PortRange, Failure> {
  const text = environment[RANGE_VARIABLE] ?? '';
  const range = text === '' ? USUAL_RANGE : readRange(text);
  if (range !== null) return ok(range);
  return err({
    code: 'DAEMON_START_FAILED',
    message: `${RANGE_VARIABLE} is ${JSON.stringify(text)}, which is no range of ports`,
    hint: `write the first and the last one, as in ${RANGE_VARIABLE}=20000-29999, or leave it out`,
  });
}

export interface CreatePortBookOptions {
  readonly store: Store;
  readonly driver: HostDriver;
  readonly clock: Clock;
  readonly status: StatusTable;
  readonly range: PortRange;
}

export function createPortBook({ store, driver, clock, status, range }: CreatePortBookOptions): PortBook {
  const book = new PortBook({
    store,
    driver,
    range,
    isFree,
    runnerPid: () => driver.runner?.pid,
    ephemeral: () => ephemeralRange(),
    // One that remembers would name processes that have ended since.
    owners: { find: (query) => new PortOwners(() => clock.monotonic()).find(query) },
    now: () => clock.now(),
    show: (key, condition) => {
      status.report(key, 'PortFree', condition);
    },
  });
  // Before the loop looks at what has changed.
  store.onCommit(() => book.review());
  return book;
}
