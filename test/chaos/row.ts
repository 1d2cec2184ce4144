import type { Need } from './harness/needs.ts';
import type { World } from './harness/world.ts';

/** One fault, put into a daemon with apps, and what has to hold then. */
export interface Row {
  /** Unique; `ROW=<name>` runs it alone. */
  readonly name: string;
  /** Numbers of the faults of `faults.ts` that it is about. */
  readonly faults: readonly number[];
  /** What must hold, for the table; the invariants hold in every row. */
  readonly holds: string;
  /** What the host must have; without, the row is skipped and says so. */
  readonly needs?: readonly Need[];
  /** One of the few that `npm test` runs: a few seconds, and about a promise. */
  readonly smoke?: true;
  /** Has a world of its own, which is checked and taken apart afterwards. Throws when something does not hold. */
  run(world: World): Promise<void>;
}
