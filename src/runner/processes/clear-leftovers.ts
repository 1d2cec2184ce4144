import type { Clock } from '../../lib/clocks/clock.ts';
import type { ProcessEntry, Processes } from './processes.ts';
import { signalLeftover } from './signals.ts';
import type { StopOptions } from '../instances/stop-options.ts';
import type { Survivors, SurvivorSearch } from '../instances/survivors.ts';

/** A process that SIGKILL has not ended by then waits for the kernel. */
export const KILL_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

export interface Clearing {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly search: SurvivorSearch;
  /** Looks again for what there is. */
  readonly find: () => Promise<Survivors>;
  /** Whether the time to ask is over. */
  readonly isKilled: () => boolean;
  /** Asks one of them to end. */
  readonly ask: (entry: ProcessEntry) => void;
}

/** Asks, then kills, what a main process has left behind; resolves with what does not go. */
export async function clearLeftovers(
  proven: readonly ProcessEntry[],
  clearing: Clearing,
): Promise<readonly ProcessEntry[]> {
  const { clock, processes, find, isKilled, ask } = clearing;
  let giveUpAt = Infinity;
  if (!isKilled()) for (const entry of proven) ask(entry);
  for (let left = proven; ; left = (await find()).proven) {
    if (left.length === 0 || clock.monotonic() >= giveUpAt) return left;
    if (isKilled()) {
      giveUpAt = Math.min(giveUpAt, clock.monotonic() + KILL_TIMEOUT_MS);
      for (const entry of left) signalLeftover(processes, entry, 'SIGKILL');
    }
    await untilGone(left, clearing);
  }
}

/** Waits until they are gone, or it is time to kill, or killing has not helped. */
async function untilGone(
  entries: readonly ProcessEntry[],
  { clock, search, isKilled }: Clearing,
): Promise<void> {
  const killedBefore = isKilled();
  const giveUpAt = clock.monotonic() + (killedBefore ? KILL_TIMEOUT_MS : Infinity);
  while (search.stillAlive(entries).length > 0 && clock.monotonic() < giveUpAt) {
    if (isKilled() !== killedBefore) return;
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
  }
}

/** Tells of what a stop has left running. */
export function nameSurvivors(
  survivors: readonly ProcessEntry[],
  { notify, nonce }: Pick<StopOptions, 'notify' | 'nonce'>,
): void {
  if (survivors.length === 0) return;
  const message = `still running after the stop: process ${survivors.map(({ pid }) => pid).join(', ')}`;
  notify({ nonce, code: 'survivors', message });
}
