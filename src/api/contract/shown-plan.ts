import { createHash } from 'node:crypto';
import { canonicalJson } from '../../lib/values/canonical-json.ts';
import type { PlanDocument } from './wire/plan.ts';

/** The part of a plan that a person reads before approving it. */
export type ShownPlan = Pick<PlanDocument, 'projects' | 'changes' | 'summary'>;

/** Hash over what a plan shows. For a saved plan: over its contents, whatever hash the file claims. */
export function hashShown({ projects, changes, summary }: ShownPlan): string {
  // What is on disk and stays there changes nothing of what applying it does.
  const acting = changes.map(({ codeNewer: _codeNewer, ...change }) => change);
  const text = canonicalJson({ projects, changes: acting, summary });
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
