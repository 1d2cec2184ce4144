import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { UnchangedRequest, UnchangedResponse } from '../../api/contract/wire/unchanged/unchanged.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import { NOT_MEANT, type ApplyTerms } from './apply.ts';
import { declaredAgain, isAsAccepted, isSettledAlready } from './unchanged.ts';

/** What stands behind: the answers to the same requests in full. */
interface Answering {
  readonly records: () => Projects;
  readonly plan: ApiBackend['plan'];
  readonly apply: (
    request: Parameters<ApiBackend['apply']>[0],
    terms: ApplyTerms,
  ) => ReturnType<ApiBackend['apply']>;
  /** Whether something is to be said of one of these apps beside its declaration, or an operator has overridden it. */
  readonly hasDrift: (apps: readonly AppKey[]) => Promise<boolean>;
}

const CHANGED: Result<UnchangedResponse, Failure> = ok({ plan: null });

/**
 * Answers to requests that take everything to be as it was. They are made of the specs that are accepted, by what makes
 * them of a whole request: only who has read the file is another.
 */
export function unchangedRequests({
  records,
  plan,
  apply,
  hasDrift,
}: Answering): Pick<ApiBackend, 'planUnchanged' | 'applyUnchanged'> {
  return {
    async planUnchanged(request) {
      const again = declaredAgain(request, records());
      if (again === null) return CHANGED;
      const planned = await plan(again);
      if (!planned.ok) return planned;
      if (!isAsAccepted(planned.value, request)) return CHANGED;
      if (request.withoutDrift === true && (await hasDrift(keysOf(request, records())))) return CHANGED;
      return ok({ plan: planned.value });
    },
    async applyUnchanged(request, wanted) {
      const again = declaredAgain(request, records());
      if (again === null) return CHANGED;
      const applied = await apply(again, {
        wanted,
        isMeant: (previewed, targets) => isSettledAlready(previewed, targets, request),
      });
      if (!applied.ok) return applied.error === NOT_MEANT ? CHANGED : applied;
      const { plan: document, trials = [] } = applied.value;
      return trials.length > 0 ? CHANGED : ok({ plan: document });
    },
  };
}

/** Of the projects: also apps that are not declared any more. */
function keysOf({ projects }: UnchangedRequest, records: Projects): readonly AppKey[] {
  return projects.flatMap(({ project }) =>
    Object.keys(records.get(project)?.apps ?? {}).map((name) => appKey(project, name)),
  );
}
