import type { ApplyResponse } from '../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import type { RollbackTarget } from '../../api/contract/wire/dash/planned.ts';
import type { GoingBackInfo } from '../../api/contract/wire/revisions.ts';
import { read, send, type Answered } from './api.ts';

/** Something that is planned first, and applied as it was shown or not at all. */
export interface Planned {
  plan(): Promise<Answered<PlanDocument>>;
  apply(shown: PlanDocument): Promise<Answered<ApplyResponse>>;
}

/** What the file, or the source, of a project declares now. */
export function declaredPlan(project: string): Planned {
  return {
    plan: () => read(`/v1/projects/${encodeURIComponent(project)}/plan`),
    apply: ({ basis }) => send('/v1/declared/apply', { project, basis, by: '' }),
  };
}

/** What a revision declared. */
export function rollbackPlan({ project, app, revision }: RollbackTarget): Planned {
  const query = app === null ? '' : `?app=${encodeURIComponent(app)}`;
  return {
    plan: () => read(`/v1/projects/${encodeURIComponent(project)}/revisions/${revision}/plan${query}`),
    apply: ({ basis }) => send('/v1/rollbacks', { project, app, revision, basis, by: '' }),
  };
}

/** Where an app goes back to when nobody names a revision, as the command line has it. */
export function whereToGoBack({
  project,
  name,
}: {
  readonly project: string;
  readonly name: string;
}): Promise<Answered<GoingBackInfo>> {
  return read(`/v1/projects/${encodeURIComponent(project)}/going-back?app=${encodeURIComponent(name)}`);
}
