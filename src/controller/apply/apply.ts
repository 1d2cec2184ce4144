import { existsSync } from 'node:fs';
import { always, type StillWanted } from '../../api/contract/endpoints/backend.ts';
import type { ApplyRequest, ApplyResponse, WaitTarget } from '../../api/contract/wire/apply.ts';
import type { TrialInfo } from '../../api/contract/wire/guards/confirmations.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import { isSettled } from '../../api/contract/progress/settled.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { mapPieces, type Pieces } from '../../lib/turns/pieces.ts';
import { inTurns, loopTurns } from '../../lib/turns/turns.ts';
import { appKey } from '../../lib/app-key.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { PortOwners } from '../../triggers/probes/port-owner.ts';
import { withPortWarnings, type PortLook } from '../ports/port-warnings.ts';
import { filesBeside } from '../../spec/release-paths.ts';
import { desiredApps } from '../../state/desired/desired.ts';
import { trialFacts, viewTrial } from '../confirmations/trial.ts';
import type { CodeBook, CodeOnDisk } from '../context/code-book.ts';
import { sourceFile } from '../../state/disk/layout.ts';
import type { ControllerContext } from '../context/context.ts';
import { accept } from './accept.ts';
import { withNextRuns } from './next-runs.ts';
import { viewRollout } from '../views/rollout-view.ts';
import { scopeOf, type HostSnapshot } from './host-snapshot.ts';
import { preview, type Preview } from './preview.ts';
import { releasesOf } from './release-targets.ts';

export function snapshot(
  context: Pick<ControllerContext, 'store' | 'driver' | 'clock' | 'observer' | 'paths'>,
  code?: CodeOnDisk,
): HostSnapshot {
  const { store, driver, clock, observer } = context;
  return {
    ...(code !== undefined && { code }),
    records: store.records(),
    reachable: driver.reachable,
    silence: driver.silence,
    instances: observer.instances(),
    hooks: driver.hooks(),
    histories: store.histories(),
    now: clock.now(),
    exists: existsSync,
    isSource: (name) => existsSync(sourceFile(context.paths.state, name)),
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
        files: filesBeside(source, spec),
      })),
  );
  return code.read(requests);
}

/** POST /v1/plan: what an apply would do. */
export async function planRequest(
  request: ApplyRequest,
  host: HostSnapshot,
  look: Omit<PortLook, 'instances'>,
): Promise<Result<PlanDocument, Failure>> {
  const previewed = await preview(request, host);
  if (!previewed.ok) return previewed;
  const { document, candidate } = previewed.value;
  const { instances, now } = host;
  const plan = await withPortWarnings(document, candidate, { ...look, instances });
  return ok(await withNextRuns(plan, request, now));
}

/** How a controller looks up who listens on the host. */
export function portLook({
  driver,
  clock,
}: Pick<ControllerContext, 'driver' | 'clock'>): Omit<PortLook, 'instances'> {
  return { owners: new PortOwners(() => clock.monotonic()), runnerPid: driver.runner?.pid };
}

/** On what terms something is applied. */
export interface ApplyTerms {
  readonly wanted?: StillWanted | undefined;
  /** Asked before anything is accepted, with what is to be accepted and waited for; false: nothing is. Absent: it is meant. */
  readonly isMeant?: (previewed: Preview, targets: readonly WaitTarget[]) => boolean;
}

/** Whoever has said what is meant is told so. */
export const NOT_MEANT: Failure = {
  code: 'PLAN_STALE',
  message: 'something is to be done, and nothing was meant',
};

/**
 * POST /v1/apply: accepts what is declared and enqueues every app. Nothing is changed when a guard objects or a saved
 * plan is stale.
 */
export async function applyRequest(
  request: ApplyRequest,
  context: ControllerContext,
  { wanted = always, isMeant }: ApplyTerms = {},
): Promise<Result<ApplyResponse, Failure>> {
  const code = await readCode(request, context.code);
  // To read the code of large trees takes long, and so may what was before it in the queue.
  const givenUp = await wanted();
  if (givenUp !== null) return err(givenUp);
  const host = snapshot(context, code);
  const before = request.begins === true ? { ...host, instances: context.atStart } : host;
  const previewed = await preview(request, before);
  if (!previewed.ok) return previewed;
  const { document: planned, projects, candidate } = previewed.value;
  if (planned.guard !== null) return err(planned.guard);
  if (isMeant !== undefined) {
    const meant = await inTurns(targets(previewed.value, request, context));
    if (!isMeant(previewed.value, meant)) return err(NOT_MEANT);
  }
  // Before anything is started: then the ports would be those of the apps themselves.
  const look = { ...portLook(context), instances: host.instances };
  const document = await withPortWarnings(planned, candidate, look);
  const trials = trialFacts(previewed.value, { request, records: host.records, now: host.now });
  if (!trials.ok) return trials;
  const changed = await accept({ projects, trials: trials.value }, request, context);
  if (!changed.ok) return changed;
  context.begin();
  const isIdle = !changed.value && projects.every(({ plan }) => plan.actions.length === 0);
  // When the plan has nothing to do, the loop would find nothing either.
  if (!isIdle) context.loop.submitAll('desired');
  await loopTurns.next();
  const plan = await withNextRuns(document, request, context.clock.now());
  const onTrial = trials.value.flatMap(({ project }) => trialsOf(project, context));
  return ok({
    plan,
    targets: await inTurns(targets(previewed.value, request, context)),
    ...(onTrial.length > 0 && { trials: onTrial }),
  });
}

function trialsOf(project: string, { store }: ControllerContext): readonly TrialInfo[] {
  const record = store.project(project);
  const trial = record === undefined ? undefined : viewTrial(record);
  return trial === undefined ? [] : [trial];
}

/** The apps to wait for: those that are not as asked for yet, or that something is planned for. */
function* targets(
  { candidate, projects }: Preview,
  request: ApplyRequest,
  { loop }: ControllerContext,
): Pieces<readonly WaitTarget[]> {
  const busy = new Set(
    projects.flatMap(({ plan }) => [...plan.actions, ...plan.holds].map(({ key }) => key)),
  );
  const isDone = (app: DesiredApp): boolean => {
    const { key, generation } = app;
    const status = loop.status.get(key);
    if (busy.has(key) || status === undefined) return false;
    const rollout = viewRollout(app, [], 0);
    return isSettled(generation, { ...status, ...status.health, rollout });
  };
  const apps = desiredApps(candidate);
  yield;
  const isInScope = scopeOf(request);
  const staying = yield* mapPieces(apps, (app): readonly WaitTarget[] => {
    const { key, generation, revision } = app;
    if (!isInScope(key) || isDone(app)) return [];
    return [{ app: key, generation, gone: false, revision, ...releasesOf(app, candidate) }];
  });
  const going = projects.flatMap(({ removed }) =>
    removed.map(({ key }) => ({ app: key, generation: 0, gone: true })),
  );
  return [...staying.flat(), ...going];
}
