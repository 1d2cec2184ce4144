import { sharedClockName, sharedNow } from '../../lib/clocks/shared-clock.ts';

/**
 * Up to when a request that changes something may be begun: its sender has given up by then, and says that it failed.
 * `<milliseconds>@<name of the clock>`; a time of another clock says nothing.
 */
export const DEADLINE_HEADER = 'stateward-deadline';

/** The header for a request that may be begun for so long from now. */
export function deadlineIn(ms: number): string {
  return `${Math.round(sharedNow() + ms)}@${sharedClockName()}`;
}

/** Whether the time of a request is over. One without a limit has none. */
export function isOver(deadline: string | undefined): boolean {
  const [ms = '', clock] = (deadline ?? '').split('@');
  return /^\d{1,15}$/.test(ms) && clock === sharedClockName() && sharedNow() > Number(ms);
}
