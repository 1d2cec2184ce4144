import { sameValue } from '../../lib/values/same-value.ts';
import type { SourceRecord } from './record.ts';
import type { SourceSpec } from './source.ts';

/**
 * What is known stays, but for what was said of versions under the declaration before: what was bad may be good now, and what
 * is applied is compared again.
 */
export function redeclared(
  { healed: _, ...before }: SourceRecord,
  spec: SourceSpec,
  declared: SourceRecord['declared'],
): SourceRecord {
  const isElsewhere = placeOf(before.spec) !== placeOf(spec);
  const isOtherRef = isElsewhere || !sameValue(refOf(before.spec), refOf(spec));
  return {
    ...before,
    spec,
    declared,
    stages: {},
    quarantined: [],
    applied: null,
    asked: null,
    // Another branch follows neither what was seen last, nor what was taken.
    ...(isOtherRef && { head: null, taken: null }),
    ...(isElsewhere && { attempted: null, lastGood: null, read: [] }),
  };
}

function placeOf({ from }: SourceSpec): string {
  return from.kind === 'git' ? `git ${from.remote}` : from.file;
}

function refOf({ from }: SourceSpec): unknown {
  return from.kind === 'git' ? from.ref : null;
}
