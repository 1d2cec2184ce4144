import type { AppStatus } from '../../api/contract/wire/apps.ts';
import type { Override } from '../../plan/model/desired.ts';
import type { HoldInfo } from '../../api/contract/wire/apps.ts';
import type { Hold } from '../../plan/model/actions.ts';

/** A time as the API sends it: RFC 3339, in UTC. */
export function toRfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A hold as the API sends it. */
export function viewHold({ until, ...hold }: Hold): HoldInfo {
  return { ...hold, until: until === null ? null : toRfc3339(until) };
}

/** An override as it is shown. */
export function viewOverride({
  at,
  runUntil,
  instancesUntil,
  ...override
}: Override): NonNullable<AppStatus['override']> {
  return {
    ...override,
    at: toRfc3339(at),
    ...(runUntil !== undefined && { runUntil: toRfc3339(runUntil) }),
    ...(instancesUntil !== undefined && { instancesUntil: toRfc3339(instancesUntil) }),
  };
}
