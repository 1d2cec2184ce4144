import { createHash } from 'node:crypto';
import { canonicalJson } from '../../lib/canonical-json.ts';
import type { PlanDocument } from './wire/plan.ts';

/** What of a plan is read before it is approved, and follows from what it was made of. */
export type ShownPlan = Pick<PlanDocument, 'projects' | 'changes' | 'summary'>;

/** Hash over what a plan shows: of a file, of what stands in it, whatever it says of itself. */
export function hashShown({ projects, changes, summary }: ShownPlan): string {
  const text = canonicalJson({ projects, changes, summary });
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
