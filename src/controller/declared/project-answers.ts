import type { Answer, ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { ApplyRequest, ApplyResponse } from '../../api/contract/wire/apply.ts';
import type { PlanBasis, PlanDocument } from '../../api/contract/wire/plan.ts';
import type {
  ApplyDeclaredRequest,
  RollbackRequest,
  RollbackTarget,
} from '../../api/contract/wire/dash/planned.ts';
import type { ActOnSourceRequest, PlanSourceRequest } from '../../api/contract/wire/sources/sources.ts';
import { isCommitHash } from '../../lib/commit-hash.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ProjectRecord } from '../../state/model/types.ts';
import type { SourcesContext } from '../sources/context.ts';
import { readDeclared } from './read-declared.ts';

/** Plans of what projects declare, and have declared, made here and applied as they were shown. */
export type ProjectAnswers = Pick<ApiBackend, 'planDeclared' | 'applyDeclared' | 'planRollback' | 'rollBack'>;

interface ProjectAnswersOptions {
  /** Its `plan` and `apply` are those that everybody has: frozen projects are refused, what is done is on record. */
  readonly context: SourcesContext;
  readonly planSource: (request: PlanSourceRequest, basis: PlanBasis | null) => Answer<PlanDocument>;
  readonly actOnSource: (request: ActOnSourceRequest) => Answer<unknown>;
}

export function projectAnswers(options: ProjectAnswersOptions): ProjectAnswers {
  const { context } = options;
  return {
    async planDeclared({ project }) {
      const record = recordOf(project, context);
      if (!record.ok) return record;
      const name = record.value.source.origin?.source;
      if (name !== undefined) return options.planSource({ name, version: null, fetch: false }, null);
      const request = await declaredRequest(record.value, 'plan', context);
      return request.ok ? context.plan(request.value) : request;
    },
    async applyDeclared(request) {
      const record = recordOf(request.project, context);
      if (!record.ok) return record;
      const name = record.value.source.origin?.source;
      if (name !== undefined) return applySource(name, request, options);
      const declared = await declaredRequest(record.value, request.by, context);
      return declared.ok ? context.apply(asPlanned(declared.value, request)) : declared;
    },
    async planRollback(target) {
      const request = await rollbackRequest(target, 'plan', context);
      return request.ok ? context.plan(request.value) : request;
    },
    async rollBack(request) {
      const before = await rollbackRequest(request, request.by, context);
      return before.ok ? context.apply(asPlanned(before.value, request)) : before;
    },
  };
}

/** What was shown, or nothing. */
function asPlanned(
  request: ApplyRequest,
  { basis, allowWipe = false }: Pick<RollbackRequest, 'basis' | 'allowWipe'>,
): ApplyRequest {
  return { ...request, basis, allowWipe };
}

/** A source applies by itself: it is told to, once it is known that it would do what was shown. */
async function applySource(
  name: string,
  { by, basis, allowWipe }: ApplyDeclaredRequest,
  { planSource, actOnSource }: ProjectAnswersOptions,
): Promise<Result<ApplyResponse, Failure>> {
  const planned = await planSource({ name, version: null, fetch: false }, basis);
  if (!planned.ok) return planned;
  const { guard, version } = planned.value;
  if (guard !== null && allowWipe !== true) return err(guard);
  const wanted = version !== undefined && isCommitHash(version.version) ? version.version : null;
  const asked = await actOnSource({
    ...{ verb: 'sync', name, by, reason: null, version: wanted },
    ...(allowWipe === true && { allowWipe }),
  });
  return asked.ok ? ok({ plan: planned.value, targets: [] }) : asked;
}

function recordOf(project: string, { store }: SourcesContext): Result<ProjectRecord, Failure> {
  const record = store.project(project);
  return record === undefined
    ? err({ code: 'NOT_FOUND', message: `there is no project ${project}` })
    : ok(record);
}

function declaredRequest(
  record: ProjectRecord,
  by: string,
  context: SourcesContext,
): Promise<Result<ApplyRequest, Failure>> {
  // As it would be typed: freezes tell requests apart by the word.
  const command = `apply -f ${record.source.files.join(' -f ')}`;
  return readDeclared(record, { by, command }, context);
}

/** What a kept revision declared, as `rollback` applies it: where the project comes from stays, and so does code on disk. */
async function rollbackRequest(
  { project, revision: number, app }: RollbackTarget,
  by: string,
  { store }: SourcesContext,
): Promise<Result<ApplyRequest, Failure>> {
  const revision = await store.revision(project, number);
  if (!revision.ok) return revision;
  const { spec } = revision.value;
  if (app !== null && !spec.apps.some(({ name }) => name === app)) {
    return err({ code: 'NOT_FOUND', message: `revision ${number} has no app ${project}/${app}` });
  }
  const subject = app === null ? project : `${project}/${app}`;
  return ok({
    ...{
      projects: [spec],
      prune: true,
      only: app === null ? null : [app],
      allowWipe: false,
      basis: null,
      by,
    },
    ...{ command: `rollback ${subject} --to ${number}`, keepOrigin: true, code: 'leave' as const },
  });
}
