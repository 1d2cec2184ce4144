import type { Rlimit, Tuning } from '../protocol/orders.ts';

/** The numbers of ionice(1). */
const CLASSES = { none: 0, realtime: 1, 'best-effort': 2, idle: 3 } as const;

/** Options of ionice(1). */
export function ioniceArgs({ class: name, priority }: NonNullable<Tuning['ionice']>): readonly string[] {
  // idle and none have no priorities.
  const hasPriority = priority !== null && (name === 'realtime' || name === 'best-effort');
  return ['-c', String(CLASSES[name]), ...(hasPriority ? ['-n', String(priority)] : [])];
}

/** What one of these programs says of what it cannot do, in a line; of whose process, its pid, is no part of it. */
export function saidBy(errors: string): string {
  const [line = ''] = errors.trim().split('\n');
  return line.replace(/\bpid \d+'s /, 'its ');
}

/** Options of prlimit(1). */
export function prlimitArgs(rlimits: Readonly<Record<string, Rlimit>>): readonly string[] {
  return Object.entries(rlimits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { soft, hard }]) => `--${name}=${soft ?? 'unlimited'}:${hard ?? 'unlimited'}`);
}
