import { driftText, isHealed, type Drift } from '../model/drift.ts';
import { healsAt } from '../model/healing.ts';
import type { SourceRecord } from '../model/record.ts';
import type { Looks, Step, Wait } from './step.ts';

/** While a source waits like this, nothing of it is under way, and nothing newer is about to come. */
const AT_REST: readonly Wait['reason'][] = ['UpToDate', 'Progressing', 'Quarantined', 'WaitsForSync'];

/**
 * What a source that heals itself does about what people have made otherwise, in place of what it would wait for. null:
 * nothing. A version that has failed is nothing to go back to.
 */
export function healing(record: SourceRecord, looks: Looks, rest: Wait, now: number): Step | null {
  const { spec, applied, healed } = record;
  if (spec.selfHeal !== true || applied === null || applied.outcome === 'failed') return null;
  const drifts = (looks.drifts ?? []).filter(isHealed);
  if (drifts.length === 0 || !AT_REST.includes(rest.reason)) return null;
  // It is seen soon what the file holds that somebody may just have applied.
  if (looks.changing === true) return null;
  if (looks.closed !== undefined) {
    const message = `${named(drifts)}; taken back in the next window`;
    return { ...rest, until: earliest(rest.until, looks.closed.until), reason: 'Closed', message };
  }
  const at = healed === undefined || healed.at > now ? now : healsAt(healed);
  if (at <= now) return { kind: 'heal' };
  const times = healed?.times ?? 0;
  const why =
    healed?.failure === undefined
      ? `taken back later, after ${times} ${times === 1 ? 'time' : 'times'} in a row`
      : `it could not be taken back (${healed.failure}), and is tried again`;
  const message = `${named(drifts)}; ${why}; stateward source suspend ${spec.name} leaves it as it is`;
  return { ...rest, until: earliest(rest.until, at), reason: 'HealsLater', message };
}

function named([first, ...more]: readonly Drift[]): string {
  const text = first === undefined ? '' : driftText(first);
  return more.length === 0 ? text : `${text} (and ${more.length} more)`;
}

export function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
