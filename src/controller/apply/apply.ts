import { existsSync } from 'node:fs';
import type { ApplyRequest, ApplyResponse, WaitTarget } from '../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import { isSettled } from '../../api/contract/settled.ts';
import { appKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { DesiredApp } from '../../plan/model/types.ts';
import { desiredApps } from '../../state/desired/desired.ts';
import type { CodeBook, CodeOnDisk } from '../context/code-book.ts';
import type { ControllerContext } from '../context/context.ts';
import { withNextRuns } from './next-runs.ts';
import { madeBy } from '../views/made-by.ts';
import { viewRollout } from '../views/rollout-view.ts';
import { inScope, type HostSnapshot } from './host-snapshot.ts';
import { preview, type Preview } from './preview.ts';
import type { ProjectPreview } from './preview-project.ts';

export function snapshot(
  context: Pick<ControllerContext, 'store' | 'driver' | 'clock' | 'observer'>,
  code?: CodeOnDisk,
): HostSnapshot {
  const { store, driver, clock, observer } = context;
  return {
    ...(code !== undefined && { code }),
    records: store.records(),
    reachable: driver.reachable,
    instances: observer.instances(),
    histories: store.histories(),
    now: clock.now(),
    exists: existsSync,
  };
}

/** Reads the code of the apps that a request is about. */
export function readCode(request: ApplyRequest, code: CodeBook): Promise<CodeOnDisk> {
  const { only, projects } = request;
  const requests = projects.flatMap(({ project, source, apps }) =>
    apps
      .filter(({ name }) => only?.includes(name) ?? true)
      .map((spec) => ({
        key: appKey(project, spec.name),
        spec,
        files: source.files.filter((file) => file !== '-'),
      })),
  );
  return code.read(requests);
}

/** POST /v1/plan: what an apply would do. */
export async function planRequest(
  request: ApplyRequest,
  host: HostSnapshot,
): Promise<Result<PlanDocument, Failure>> {
  const previewed = preview(request, host);
  if (!previewed.ok) return previewed;
  return ok(await withNextRuns(previewed.value.document, request, host.now));
}

/**
 * POST /v1/apply: accepts what is declared and has the loop look at it. Nothing is changed when a guard objects or a
 * saved plan is stale.
 */
export async function applyRequest(
  request: ApplyRequest,
  context: ControllerContext,
): Promise<Result<ApplyResponse, Failure>> {
  const host = snapshot(context, await readCode(request, context.code));
  const before = request.begins === true ? { ...host, instances: context.atStart } : host;
  const previewed = preview(request, before);
  if (!previewed.ok) return previewed;
  const { document, projects } = previewed.value;
  if (document.guard !== null) return err(document.guard);
  let changed = false;
  for (const project of projects) {
    const accepted = await accept(project, request, context);
    if (!accepted.ok) return accepted;
    changed ||= accepted.value;
  }
  const isIdle = !changed && projects.every(({ plan }) => plan.actions.length === 0);
  // Where the plan has nothing to do, the loop would find the same.
  if (!isIdle) context.loop.submitAll();
  const plan = await withNextRuns(document, request, context.clock.now());
  return ok({ plan, targets: targets(previewed.value, request, context) });
}

const ABOUT_APP = { slot: null, pid: null, generation: null };

/** Whether the desired state is another one now. */
async function accept(
  { fact, movedFacts, codeFacts, startFacts, plan, removed }: ProjectPreview,
  { by, command, commits = {}, restart }: ApplyRequest,
  { store, leaving, clock }: ControllerContext,
): Promise<Result<boolean, Failure>> {
  const changes = plan.changes
    .filter(({ kind }) => kind !== 'unchanged')
    .map(({ app, kind, fields }) => ({ app, kind, fields }));
  leaving.add(removed, 'RemovedFromFile');
  const { project: name } = fact.spec;
  const made = { by, ...(Object.hasOwn(commits, name) && { commit: commits[name] }) };
  const committed = await store.commit([...movedFacts, fact, ...codeFacts, ...startFacts], () => ({
    ...made,
    command,
    summary: plan.summary,
    changes,
  }));
  if (!committed.ok) return committed;
  for (const { project, revision } of committed.value.revisions) {
    store.appendEvent({
      at: clock.now(),
      level: 'info',
      reason: 'ProjectApplied',
      message: `revision ${revision} of ${project} accepted: ${command} (${madeBy(made)})`,
      key: null,
      slot: null,
      pid: null,
      generation: null,
    });
  }
  const restarted = restart === undefined ? [] : plan.changes.filter(({ kind }) => kind === 'restart');
  for (const { app, reason } of restarted) {
    const message = `${command} (asked for by ${by})`;
    store.appendEvent({ ...ABOUT_APP, at: clock.now(), level: 'info', reason, message, key: app });
  }
  for (const { key, detail } of codeFacts) {
    const message = `code ${detail}: ${command} (${madeBy(made)})`;
    store.appendEvent({ ...ABOUT_APP, at: clock.now(), level: 'info', reason: 'CodeChanged', message, key });
  }
  return ok(committed.value.changed.length > 0 || committed.value.revisions.length > 0);
}

/** Apps that are as asked for, with nothing planned for them, are not waited for. */
function targets(
  { candidate, projects }: Preview,
  request: ApplyRequest,
  { loop }: ControllerContext,
): readonly WaitTarget[] {
  const busy = new Set(
    projects.flatMap(({ plan }) => [...plan.actions, ...plan.holds].map(({ key }) => key)),
  );
  const isDone = (app: DesiredApp): boolean => {
    const { key, generation } = app;
    const status = loop.status.get(key);
    if (busy.has(key) || status === undefined) return false;
    const rollout = viewRollout(app, [], 0);
    return isSettled(generation, { ...status, ...status.verdict, rollout });
  };
  const staying = desiredApps(candidate)
    .filter(({ key }) => inScope(key, request))
    .filter((app) => !isDone(app))
    .map(({ project, spec, generation, revision }) => ({
      app: appKey(project, spec.name),
      generation,
      gone: false,
      revision,
    }));
  const going = projects.flatMap(({ removed }) =>
    removed.map(({ key }) => ({ app: key, generation: 0, gone: true })),
  );
  return [...staying, ...going];
}
