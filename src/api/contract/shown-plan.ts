import { atOnce, type Pieces } from '../../lib/turns/pieces.ts';
import { digestPieces } from '../../lib/values/digest.ts';
import type { PlanDocument } from './wire/plan.ts';

/** The part of a plan that a person reads before approving it. */
export type ShownPlan = Pick<PlanDocument, 'projects' | 'changes' | 'summary'>;

/** Hash over what a plan shows. For a saved plan: over its contents, whatever hash the file claims. */
export function hashShown(plan: ShownPlan): string {
  return atOnce(shownHash(plan));
}

/** The same, a piece for each change. */
export function* shownHash({ projects, changes, summary }: ShownPlan): Pieces<string> {
  // What is on disk and stays there changes nothing of what applying it does.
  const acting = changes.map(({ codeNewer: _codeNewer, ...change }) => change);
  return yield* digestPieces({ projects, changes: acting, summary }, 2);
}
