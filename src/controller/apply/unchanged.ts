import type { ApplyRequest, WaitTarget } from '../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import type { UnchangedRequest } from '../../api/contract/wire/unchanged/unchanged.ts';
import { ownValue } from '../../lib/collections.ts';
import type { AppSpec, ProjectSpec } from '../../spec/types.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { Preview } from './preview.ts';

/**
 * The request in full, with the specs that are accepted: what the command would have sent, if it declares just these. Null:
 * some app is not there. That it is the same declaration is for `isAsAccepted` to say, of a plan of it.
 */
export function declaredAgain(
  { projects, desiredHash: _hash, withoutDrift: _drift, ...request }: UnchangedRequest,
  records: Projects,
): ApplyRequest | null {
  const again: ProjectSpec[] = [];
  for (const outline of projects) {
    const known = records.get(outline.project)?.apps ?? {};
    const specs = outline.apps.flatMap((name): readonly AppSpec[] => {
      const spec = ownValue(known, name)?.spec;
      return spec === undefined ? [] : [spec];
    });
    if (specs.length !== outline.apps.length) return null;
    again.push({ ...outline, apps: specs });
  }
  return { ...request, projects: again, allowWipe: false, basis: null };
}

/** Whether a plan of what is accepted is one of what the command has read, and has nothing to do. */
export function isAsAccepted(
  { basis, changes, guard }: PlanDocument,
  { desiredHash }: UnchangedRequest,
): boolean {
  return (
    basis.desiredHash === desiredHash && guard === null && changes.every(({ kind }) => kind === 'unchanged')
  );
}

/** Whether an apply would leave everything as it is, and nobody would have to wait for anything. */
export function isSettledAlready(
  { document, projects }: Preview,
  targets: readonly WaitTarget[],
  request: UnchangedRequest,
): boolean {
  return (
    isAsAccepted(document, request) &&
    targets.length === 0 &&
    projects.every(
      ({ plan, removed, movedFacts, codeFacts, startFacts }) =>
        plan.actions.length + removed.length + movedFacts.length + codeFacts.length + startFacts.length === 0,
    )
  );
}
