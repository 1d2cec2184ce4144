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
