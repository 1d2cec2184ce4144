import type { Override } from './desired.ts';

/** When the first part of an override ends by itself, epoch milliseconds; null: none does. */
export function overrideEnd({ runUntil, instancesUntil }: Override): number | null {
  const ends = [runUntil, instancesUntil].filter((end) => end !== undefined);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** What is left of an override at a time; null: nothing. */
export function leftAt(override: Override, now: number): Override | null {
  const { run, instances, runUntil, instancesUntil, by, at } = override;
  const holds = (end: number | undefined): boolean => end === undefined || now < end;
  const left: Override = {
    ...(run !== undefined && holds(runUntil) && { run, ...(runUntil !== undefined && { runUntil }) }),
    ...(instances !== undefined &&
      holds(instancesUntil) && { instances, ...(instancesUntil !== undefined && { instancesUntil }) }),
    ...{ by, at },
  };
  return left.run === undefined && left.instances === undefined ? null : left;
}

/** The same override had the wall clock always been what it is since it was set by `byMs`. */
export function withMovedEnds(override: Override, byMs: number): Override {
  const { runUntil, instancesUntil } = override;
  return {
    ...override,
    ...(runUntil !== undefined && { runUntil: runUntil + byMs }),
    ...(instancesUntil !== undefined && { instancesUntil: instancesUntil + byMs }),
  };
}

/** ` until 2026-12-01T08:00:00.000Z`, for the end of what people have asked for; empty: it has none. */
export function untilText(end: number | null | undefined): string {
  return end == null ? '' : ` until ${new Date(end).toISOString()}`;
}
