import type { HomeLayout } from '../../home/layout.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { stateLayout } from '../../state/disk/layout.ts';
import { openFreezes, type FreezeBook } from '../../state/freezes/freeze-book.ts';

/** The freezes of a home, as its controller keeps them. */
export async function freezesOf(
  { state }: Pick<HomeLayout, 'state'>,
  {
    clock,
    onError,
    log,
  }: {
    readonly clock: Clock;
    readonly onError: (error: unknown) => void;
    readonly log: (line: string) => void;
  },
): Promise<FreezeBook> {
  const path = stateLayout(state).freezes;
  const { freezes, notice } = await openFreezes({ path, clock, readOnly: false, onError });
  if (notice !== null) log(`state: ${notice}`);
  return freezes;
}
