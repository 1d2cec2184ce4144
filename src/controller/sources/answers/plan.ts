import type { ApplyRequest } from '../../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import type { DeclaredBySource, PlanSourceRequest } from '../../../api/contract/wire/sources/sources.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { SourcesContext } from '../context.ts';
import type { Sources } from '../sources.ts';
import { wantedVersion } from './wanted-version.ts';
import { declareVersion } from '../work/declared.ts';

/** What bringing a version of a source in would do, now: the newest that was seen, or the one named. Touches nothing. */
export async function planSource(
  request: PlanSourceRequest,
  sources: Sources,
  context: SourcesContext,
): Promise<Result<PlanDocument, Failure>> {
  const found = await requestOf(request, sources, context);
  return found.ok ? context.plan(found.value) : found;
}

/** What a version of a source declares, as it would be accepted. */
export async function declaredBySource(
  request: PlanSourceRequest,
  sources: Sources,
  context: SourcesContext,
): Promise<Result<DeclaredBySource, Failure>> {
  const found = await requestOf(request, sources, context);
  return found.ok ? ok({ projects: found.value.projects, prune: found.value.prune }) : found;
}

async function requestOf(
  { name, version: given }: PlanSourceRequest,
  sources: Sources,
  context: SourcesContext,
): Promise<Result<ApplyRequest, Failure>> {
  const worker = sources.worker(name);
  if (!worker.ok) return worker;
  const { record } = worker.value;
  const { head } = record;
  const found = wantedVersion(record, given);
  if (!found.ok) return found;
  const wanted = found.value;
  if (head === null && wanted === null) {
    return err({
      code: 'CONFLICT',
      message: `nothing was seen of source ${name} yet`,
      hint: record.stages.Fetched?.message ?? `stateward source describe ${name} says why`,
    });
  }
  const version = wanted === null || head?.id === wanted ? head : { id: wanted, at: context.clock.now() };
  if (version === null) throw new Error('a version is wanted');
  const prepared = await worker.value.provider.prepare(record, version, () => undefined);
  if (!prepared.ok) return err(prepared.error.failures[0]);
  const declared = await declareVersion(record, prepared.value, { by: 'plan', asked: null }, context);
  if (!declared.ok) {
    const [first, ...rest] = declared.error.refusal.failures;
    const more = rest.map(({ message }) => `also: ${message}`);
    return err(more.length === 0 ? first : { ...first, details: [...(first.details ?? []), ...more] });
  }
  return ok(declared.value.request);
}
