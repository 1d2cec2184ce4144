import type { ApplyRequest, ApplyResponse, PlanDocument, WaitTarget } from '../api/wire.ts';
import { appKey } from '../lib/app-key.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { desiredApps } from '../state/desired.ts';
import type { ControllerContext } from './context.ts';
import { preview, type HostSnapshot, type Preview, type ProjectPreview } from './preview.ts';

export function snapshot(context: Pick<ControllerContext, 'store' | 'driver' | 'clock'>): HostSnapshot {
  const { store, driver, clock } = context;
  return {
    records: store.records(),
    reachable: driver.reachable,
    instances: driver.instances(),
    histories: store.histories(),
    now: clock.now(),
  };
}

/** POST /v1/plan: what an apply would do. */
export function planRequest(request: ApplyRequest, host: HostSnapshot): Result<PlanDocument, Failure> {
  const previewed = preview(request, host);
  return previewed.ok ? ok(previewed.value.document) : previewed;
}

/**
 * POST /v1/apply: accepts what is declared and has the loop look at it. Nothing is changed when a guard objects or a
 * saved plan is stale.
 */
export async function applyRequest(
  request: ApplyRequest,
  context: ControllerContext,
): Promise<Result<ApplyResponse, Failure>> {
  const previewed = preview(request, snapshot(context));
  if (!previewed.ok) return previewed;
  const { document, projects } = previewed.value;
  if (document.guard !== null) return err(document.guard);
  for (const project of projects) {
    const accepted = await accept(project, request, context);
    if (!accepted.ok) return accepted;
  }
  context.loop.submitAll();
  return ok({ plan: document, targets: targets(previewed.value, request) });
}

async function accept(
  { fact, plan, removed }: ProjectPreview,
  { by, command }: ApplyRequest,
  { commit, store, leaving, clock }: ControllerContext,
): Promise<Result<void, Failure>> {
  const changes = plan.changes
    .filter(({ kind }) => kind !== 'unchanged')
    .map(({ app, kind, fields }) => ({ app, kind, fields }));
  leaving.add(removed, 'RemovedFromFile');
  const committed = await commit(fact, { by, command, summary: plan.summary, changes });
  if (!committed.ok) return committed;
  for (const { project, revision } of committed.value.revisions) {
    store.appendEvent({
      at: clock.now(),
      level: 'info',
      reason: 'ProjectApplied',
      message: `revision ${revision} of ${project} accepted: ${command} (by ${by})`,
      key: null,
      slot: null,
      pid: null,
      generation: null,
    });
  }
  return ok(undefined);
}

function targets({ candidate, projects, document }: Preview, { only }: ApplyRequest): readonly WaitTarget[] {
  const names = new Set(document.projects.map(({ project }) => project));
  const staying = desiredApps(candidate)
    .filter(({ project, spec }) => names.has(project) && (only?.includes(spec.name) ?? true))
    .map(({ project, spec, generation }) => ({ app: appKey(project, spec.name), generation, gone: false }));
  const going = projects.flatMap(({ removed }) =>
    removed.map(({ key }) => ({ app: key, generation: 0, gone: true })),
  );
  return [...staying, ...going];
}
