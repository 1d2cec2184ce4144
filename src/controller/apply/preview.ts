import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import { shownHash } from '../../api/contract/shown-plan.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Pieces } from '../../lib/turns/pieces.ts';
import { inTurns } from '../../lib/turns/turns.ts';
import { digestText } from '../../lib/values/digest.ts';
import {
  absentDependencies,
  appsToStart,
  type AbsentDependency,
} from '../../plan/guards/absent-dependencies.ts';
import { planBasis, whatMoved } from '../../plan/guards/basis.ts';
import { wipeGuard } from '../../plan/guards/guard.ts';
import type { Hold } from '../../plan/model/actions.ts';
import { addSummaries } from '../../plan/summary.ts';
import { appRecord, desiredApps } from '../../state/desired/desired.ts';
import { reduceAll, type Projects } from '../../state/desired/reducer.ts';
import { isPaused } from '../verbs/verb-effects.ts';
import { viewHold } from '../views/wire-values.ts';
import { acceptFact, type AcceptFact } from './accept-fact.ts';
import { codeChanges } from './code-facts.ts';
import { bringAlong, dependencyGuard, withDependencies } from './dependencies.ts';
import { desiredHash } from './desired-hash.ts';
import { scoped, scopeOf, type HostSnapshot } from './host-snapshot.ts';
import { renameApps, type MovedFact } from './moves.ts';
import { assessOwnership } from './ownership.ts';
import { previewProject, type PreviewContext, type ProjectPreview } from './preview-project.ts';

export interface Preview {
  readonly projects: readonly ProjectPreview[];
  /** The desired state as it would be. */
  readonly candidate: Projects;
  readonly document: PlanDocument;
}

/**
 * What an apply would do: the reducer says what would be desired, the planner what that means. `apply` commits what
 * is returned here and nothing else, so the preview is the plan. Everything else has its turn meanwhile: `found` stays
 * as it was.
 */
export function preview(given: ApplyRequest, found: HostSnapshot): Promise<Result<Preview, Failure>> {
  return inTurns(previewPieces(given, found));
}

function* previewPieces(given: ApplyRequest, found: HostSnapshot): Pieces<Result<Preview, Failure>> {
  const renamed = renameApps(given, found);
  if (!renamed.ok) return renamed;
  const { host, facts: movedFacts, before } = renamed.value;
  const unknown = unknownOnly(given, host.records);
  if (unknown !== null) return err(unknown);
  const request = withDependencies(given);
  const facts: AcceptFact[] = [];
  for (const spec of request.projects) facts.push(yield* acceptFact(spec, request, host));
  const accepted = reduceAll(host.records, facts);
  const codeFacts = request.code === 'leave' ? [] : yield* codeChanges(accepted, request, host);
  const declaredNow = reduceAll(accepted, codeFacts);
  const paused = request.restart === undefined ? null : stillPaused(declaredNow, request);
  if (paused !== null) return err(paused);
  const context = { request, host, codeFacts, movedFacts, before };
  const alone = yield* previewProjects(facts, { ...context, candidate: declaredNow, startFacts: [] });
  const absent = absentOf(alone, declaredNow, host);
  const startFacts =
    request.withDependencies === true
      ? bringAlong(absent, desiredApps(declaredNow), { by: request.by, at: host.now })
      : [];
  const candidate = reduceAll(declaredNow, startFacts);
  const projects =
    startFacts.length === 0 ? alone : yield* previewProjects(facts, { ...context, candidate, startFacts });
  yield;
  const isInScope = scopeOf(request);
  const observed = scoped(host, host.records, isInScope);
  const made = planBasis({
    apps: desiredApps(host.records).filter(({ key }) => isInScope(key)),
    instances: observed.instances,
    // As the facts have them: a spec that says what is kept is the one that is kept.
    desiredHash: yield* desiredHash(
      facts.map(({ spec }) => spec),
      host.records,
    ),
    code: host.code?.identities ?? new Map(),
    hash: digestText,
  });
  yield;
  const changes = projects.flatMap((project) => project.plan.changes);
  const ownership = projects.map(({ fact, plan: { changes } }) =>
    assessOwnership(fact.spec, changes, { request, host, before, candidate }),
  );
  const shown = {
    projects: facts.map(({ spec: { project, source } }, index) => ({
      project,
      revisionBefore: revisionBefore(project, movedFacts, found.records),
      revisionAfter: candidate.get(project)?.revision ?? 0,
      source,
      sourceBefore: host.records.get(project)?.source ?? null,
      ...withNotes(ownership[index]?.notes ?? []),
    })),
    changes,
    summary: addSummaries(projects.map((project) => project.plan.summary)),
  };
  const basis = { ...made, shown: yield* shownHash(shown) };
  const document: PlanDocument = {
    formatVersion: 1,
    kind: 'Plan',
    projects: shown.projects,
    options: {
      prune: request.prune,
      only: request.only,
      ...(request.allowWipe && { allowWipe: true as const }),
      ...(request.takeOver === true && { takeOver: true as const }),
      ...(request.withDependencies === true && { withDependencies: true as const }),
      ...(request.restart?.verb === 'reload' && { reload: true as const }),
    },
    changes,
    holds: holdsOf(projects, host).map(viewHold),
    summary: shown.summary,
    fingerprint: basis.fingerprint,
    basis,
    guard:
      ownership.find(({ guard }) => guard !== null)?.guard ??
      wipeGuard(changes, observed, { allowWipe: request.allowWipe }) ??
      dependencyGuard(
        startFacts.length === 0 ? absent : absentOf(projects, candidate, host),
        request,
        (key) => appRecord(host.records, key) !== undefined,
      ),
  };
  const stale = request.basis === null ? null : staleness(request.basis, basis);
  return stale === null ? ok({ projects, candidate, document }) : err(stale);
}

function* previewProjects(
  facts: readonly AcceptFact[],
  context: PreviewContext,
): Pieces<readonly ProjectPreview[]> {
  const previews: ProjectPreview[] = [];
  for (const fact of facts) previews.push(yield* previewProject(fact, context));
  return previews;
}

/** When no process can be seen, every app has the same hold: it is shown once. */
function holdsOf(projects: readonly ProjectPreview[], { reachable }: HostSnapshot): readonly Hold[] {
  const holds = projects.flatMap(({ plan: { holds } }) => holds);
  return reachable ? holds : holds.slice(0, 1);
}

/** The number before; a renamed project had it under its former name. */
function revisionBefore(project: string, moved: readonly MovedFact[], records: Projects): number | null {
  const from = moved.find(({ to }) => to === project)?.from ?? project;
  return records.get(from)?.revision ?? null;
}

function withNotes(notes: readonly string[]): { readonly notes?: readonly string[] } {
  return notes.length === 0 ? {} : { notes };
}

/** As for the verb: while somebody has paused the rollout, a restart would replace nothing. */
function stillPaused(candidate: Projects, request: ApplyRequest): Failure | null {
  const isInScope = scopeOf(request);
  const paused = desiredApps(candidate).find(
    ({ key, rollout }) => isInScope(key) && rollout?.paused != null && rollout.paused.failure === null,
  );
  return paused?.rollout?.paused == null ? null : isPaused(paused.key, paused.rollout.paused.by);
}

/** What the apps that are to get processes would wait for in vain. */
function absentOf(
  projects: readonly ProjectPreview[],
  candidate: Projects,
  host: HostSnapshot,
): readonly AbsentDependency[] {
  const starting = appsToStart(projects.flatMap(({ plan: { changes } }) => changes));
  if (starting.length === 0) return [];
  const mine = new Set(starting.map((key) => splitAppKey(key).project));
  const isMine = (key: AppKey): boolean => mine.has(splitAppKey(key).project);
  const desired = desiredApps(candidate).filter(({ key }) => isMine(key));
  return absentDependencies(starting, desired, scoped(host, candidate, isMine), host.now);
}

function unknownOnly({ only, projects }: ApplyRequest, records: Projects): Failure | null {
  if (only === null || only.length === 0) return null;
  const known = new Set(
    projects.flatMap(({ project, apps }) => [
      ...apps.map(({ name }) => name),
      ...Object.keys(records.get(project)?.apps ?? {}),
    ]),
  );
  const unknown = only.filter((name) => !known.has(name));
  if (unknown.length === 0) return null;
  return {
    code: 'USAGE',
    message: `cannot restrict to ${unknown.join(', ')}: no such app`,
    hint: `apps here: ${[...known].sort().join(', ')}`,
  };
}

function staleness(before: PlanDocument['basis'], after: PlanDocument['basis']): Failure | null {
  if (before.fingerprint === after.fingerprint) {
    if (before.shown === undefined || before.shown === after.shown) return null;
    return {
      code: 'PLAN_STALE',
      message: 'cannot apply the saved plan: what it shows is not what applying it would do',
      hint: 'the file was edited, or another stateward made it: make a new plan and look at it again',
    };
  }
  return {
    code: 'PLAN_STALE',
    message: 'cannot apply the saved plan: things have moved since it was made',
    hint: 'make a new plan and look at it again',
    details: whatMoved(before, after),
  };
}
