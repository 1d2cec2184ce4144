import type { Rlimit, Tuning } from '../protocol/orders.ts';

/** The numbers of ionice(1). */
const CLASSES = { none: 0, realtime: 1, 'best-effort': 2, idle: 3 } as const;

/** Options of ionice(1). */
export function ioniceArgs({ class: name, priority }: NonNullable<Tuning['ionice']>): readonly string[] {
  // idle and none have no priorities.
  const hasPriority = priority !== null && (name === 'realtime' || name === 'best-effort');
  return ['-c', String(CLASSES[name]), ...(hasPriority ? ['-n', String(priority)] : [])];
}

/** Options of prlimit(1). */
export function prlimitArgs(rlimits: Readonly<Record<string, Rlimit>>): readonly string[] {
  return Object.entries(rlimits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { soft, hard }]) => `--${name}=${soft ?? 'unlimited'}:${hard ?? 'unlimited'}`);
}
