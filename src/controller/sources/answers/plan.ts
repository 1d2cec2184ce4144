import type { PlanBasis, PlanDocument, PlannedVersion } from '../../../api/contract/wire/plan.ts';
import type { DeclaredBySource, PlanSourceRequest } from '../../../api/contract/wire/sources/sources.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { splitAppKey } from '../../../lib/app-key.ts';
import type { Version } from '../../../sources/model/record.ts';
import type { SourcesContext } from '../context.ts';
import type { Sources } from '../sources.ts';
import { freshVersion } from './fresh-version.ts';
import { wantedVersion } from './wanted-version.ts';
import { declareVersion, wholeTreeText, type DeclaredVersion } from '../work/declared.ts';

/**
 * What bringing a version of a source in would do, now: the newest, or the one named. Touches nothing. With a basis:
 * PLAN_STALE where that is not what was seen then.
 */
export async function planSource(
  request: PlanSourceRequest,
  sources: Sources,
  context: SourcesContext,
  basis: PlanBasis | null = null,
): Promise<Result<PlanDocument, Failure>> {
  const found = await requestOf(request, sources, context);
  if (!found.ok) return found;
  const { declared, version } = found.value;
  const planned = await context.plan({ ...declared.request, basis });
  return planned.ok ? ok({ ...withWholeTrees(planned.value, declared), version }) : planned;
}

/** What a version of a source declares, as it would be accepted. */
export async function declaredBySource(
  request: PlanSourceRequest,
  sources: Sources,
  context: SourcesContext,
): Promise<Result<DeclaredBySource, Failure>> {
  const found = await requestOf(request, sources, context);
  if (!found.ok) return found;
  const { declared, version } = found.value;
  const { projects, prune } = declared.request;
  return ok({ projects, prune, version });
}

async function requestOf(
  { name, version: given, fetch = true }: PlanSourceRequest,
  sources: Sources,
  context: SourcesContext,
): Promise<Result<{ readonly declared: DeclaredVersion; readonly version: PlannedVersion }, Failure>> {
  const worker = sources.worker(name);
  if (!worker.ok) return worker;
  const { record, provider } = worker.value;
  const wanted = wantedVersion(record, given);
  if (!wanted.ok) return wanted;
  const look =
    wanted.value === null && fetch
      ? await freshVersion(worker.value, context)
      : { fetched: false, head: record.head };
  const named = wanted.value === null || wanted.value === look.head?.id ? null : wanted.value;
  const version: Version | null = named === null ? look.head : { id: named, at: context.clock.now() };
  if (version === null) {
    return err({
      code: 'CONFLICT',
      message: `nothing was seen of source ${name} yet`,
      hint:
        look.problem?.message ??
        record.stages.Fetched?.message ??
        `stateward source describe ${name} says why`,
    });
  }
  const prepared = await provider.prepare(record, version, () => undefined);
  if (!prepared.ok) return err(prepared.error.failures[0]);
  const declared = await declareVersion(record, prepared.value, { by: 'plan', asked: null }, context);
  if (!declared.ok) {
    const [first, ...rest] = declared.error.refusal.failures;
    const more = rest.map(({ message }) => `also: ${message}`);
    return err(more.length === 0 ? first : { ...first, details: [...(first.details ?? []), ...more] });
  }
  return ok({
    declared: declared.value,
    version: {
      source: name,
      version: version.id,
      ...(version.subject !== undefined && { subject: version.subject }),
      fetched: look.fetched,
      ...(look.problem !== undefined && { problem: look.problem }),
    },
  });
}

/** Says of each project where its apps count the whole tree. */
function withWholeTrees(plan: PlanDocument, { broad, buildReadsAll }: DeclaredVersion): PlanDocument {
  const projects = plan.projects.map((project) => {
    const mine = broad.filter((key) => splitAppKey(key).project === project.project);
    const text = wholeTreeText({ broad: mine, buildReadsAll });
    return text === null ? project : { ...project, notes: [...(project.notes ?? []), text], wholeTree: mine };
  });
  return { ...plan, projects };
}
