import { createHash } from 'node:crypto';
import type { ApplyRequest, PlanDocument } from '../../api/contract/wire.ts';
import { hashShown } from '../../api/contract/shown-plan.ts';
import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { canonicalJson } from '../../lib/canonical-json.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import {
  absentDependencies,
  appsToStart,
  type AbsentDependency,
} from '../../plan/guards/absent-dependencies.ts';
import { planBasis, whatMoved } from '../../plan/guards/basis.ts';
import { codeRunners, slotsDoneByOtherCode, slotsOfOtherCode } from '../../plan/decide/code.ts';
import { describeCodeChange } from '../../plan/model/code.ts';
import { wipeGuard } from '../../plan/guards/guard.ts';
import type { FileExists } from '../../plan/guards/origin.ts';
import { wasAskedFor } from '../../plan/slots/exits.ts';
import { viewHost } from '../../plan/model/host-view.ts';
import { plan } from '../../plan/plan.ts';
import type { AppTable } from '../../plan/slots/slots.ts';
import { WANTS_SCHEDULE, wantsSchedule } from '../../plan/slots/restart-policy.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import { isDownByItself } from '../../plan/slots/slot.ts';
import { classifySlots } from '../../plan/slots/slots.ts';
import { addSummaries } from '../../plan/summary.ts';
import type {
  AcceptedApp,
  Change,
  Hold,
  InstanceExit,
  Observed,
  ObservedInstance,
  Plan,
} from '../../plan/model/types.ts';
import { templateHash } from '../../spec/hash.ts';
import { sameValue } from '../../spec/same-value.ts';
import type { AppSpec, ProjectSpec } from '../../spec/types.ts';
import { acceptedApps, desiredApps } from '../../state/desired/desired.ts';
import { reduce, type Projects } from '../../state/desired/reducer.ts';
import type { AppHistory, AppRecord, Fact } from '../../state/model/types.ts';
import { bringAlong, dependencyGuard, withDependencies } from './dependencies.ts';
import { renameApps, type MovedFact } from './moves.ts';
import { judgeOwnership } from './ownership.ts';
import type { CodeOnDisk } from '../context/code-book.ts';
import { isPaused } from '../verbs/verb-effects.ts';
import { viewHold } from '../views/wire-values.ts';

/** What a preview is made of: the state as it is, and the processes. */
export interface HostSnapshot {
  readonly records: Projects;
  readonly reachable: boolean;
  readonly instances: readonly ObservedInstance[];
  readonly histories: readonly AppHistory[];
  /** What lies on disk; absent: it was not looked at. */
  readonly code?: CodeOnDisk;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly exists: FileExists;
}

type CodeFact = Extract<Fact, { kind: 'code-changed' }>;

/** What applying one project comes to. */
export interface ProjectPreview {
  readonly fact: Extract<Fact, { kind: 'project-accepted' }>;
  /** Names that are others from now on; they come first. */
  readonly movedFacts: readonly MovedFact[];
  /** Of apps that get new processes because of their code alone. */
  readonly codeFacts: readonly CodeFact[];
  /** Of apps that others depend on, and that would not start by themselves. */
  readonly startFacts: readonly Fact[];
  readonly plan: Plan;
  /** Apps that leave the desired state. */
  readonly removed: readonly AcceptedApp[];
}

export interface Preview {
  readonly projects: readonly ProjectPreview[];
  /** The desired state as it would be. */
  readonly candidate: Projects;
  readonly document: PlanDocument;
}

/**
 * What an apply would do: the reducer says what would be desired, the planner what that means. `apply` commits what
 * is returned here and nothing else, so the preview is the plan.
 */
export function preview(given: ApplyRequest, found: HostSnapshot): Result<Preview, Failure> {
  const renamed = renameApps(given, found);
  if (!renamed.ok) return renamed;
  const { host, facts: movedFacts, before } = renamed.value;
  const unknown = unknownOnly(given, host.records);
  if (unknown !== null) return err(unknown);
  const request = withDependencies(given);
  const facts = request.projects.map((spec) => acceptFact(spec, request, host));
  const accepted = facts.reduce(reduce, host.records);
  const codeFacts = request.code === 'leave' ? [] : codeChanges(accepted, request, host);
  const declaredNow = codeFacts.reduce<Projects>(reduce, accepted);
  const paused = request.restart === undefined ? null : stillPaused(declaredNow, request);
  if (paused !== null) return err(paused);
  const context = { request, host, codeFacts, movedFacts, before };
  const alone = facts.map((fact) =>
    previewProject(fact, { ...context, candidate: declaredNow, startFacts: [] }),
  );
  const absent = absentOf(alone, declaredNow, host);
  const startFacts =
    request.withDependencies === true
      ? bringAlong(absent, desiredApps(declaredNow), { by: request.by, at: host.now })
      : [];
  const candidate = startFacts.reduce<Projects>(reduce, declaredNow);
  const projects =
    startFacts.length === 0
      ? alone
      : facts.map((fact) => previewProject(fact, { ...context, candidate, startFacts }));
  const observed = scoped(host, host.records, (key) => inScope(key, request));
  const made = planBasis({
    apps: desiredApps(host.records).filter(({ key }) => inScope(key, request)),
    instances: observed.instances,
    desiredHash: digest(canonicalJson(request.projects.map(declared))),
    code: host.code?.identities ?? new Map(),
    hash: digest,
  });
  const changes = projects.flatMap((project) => project.plan.changes);
  const ownership = projects.map(({ fact, plan: { changes } }) =>
    judgeOwnership(fact.spec, changes, { request, host, before, candidate }),
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
  const basis = { ...made, shown: hashShown(shown) };
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

/** Where no process can be seen, every app has the same hold: it is told once. */
function holdsOf(projects: readonly ProjectPreview[], { reachable }: HostSnapshot): readonly Hold[] {
  const holds = projects.flatMap(({ plan: { holds } }) => holds);
  return reachable ? holds : holds.slice(0, 1);
}

/** Of a project that was called otherwise the number that it had then. */
function revisionBefore(project: string, moved: readonly MovedFact[], records: Projects): number | null {
  const from = moved.find(({ to }) => to === project)?.from ?? project;
  return records.get(from)?.revision ?? null;
}

function withNotes(notes: readonly string[]): { readonly notes?: readonly string[] } {
  return notes.length === 0 ? {} : { notes };
}

/** As for the verb: a restart that replaces nothing, because somebody has paused the rollout, is none. */
function stillPaused(candidate: Projects, request: ApplyRequest): Failure | null {
  const paused = desiredApps(candidate).find(
    ({ key, rollout }) => inScope(key, request) && rollout?.paused != null && rollout.paused.failure === null,
  );
  return paused?.rollout?.paused == null ? null : isPaused(paused.key, paused.rollout.paused.by);
}

function acceptFact(
  { project, source: given, apps: declaredApps }: ProjectSpec,
  { prune, only, restart, by, keepOrigin = false }: ApplyRequest,
  host: HostSnapshot,
): ProjectPreview['fact'] {
  const { records, now: at } = host;
  const record = records.get(project);
  const known = record?.apps ?? {};
  const source = keepOrigin && record !== undefined ? { ...record.source, env: given.env } : given;
  const hashes: [string, string][] = [];
  // A spec that says the same as before is the same object as before, with its hash: whatever compares it later on is
  // done at the first look.
  const apps = declaredApps.map((spec) => {
    const app = Object.hasOwn(known, spec.name) ? known[spec.name] : undefined;
    const isSame = app !== undefined && sameValue(app.spec, spec);
    hashes.push([spec.name, isSame ? app.templateHash : hashBeside(app, spec)]);
    return isSame ? app.spec : spec;
  });
  const spec = { project, source, apps };
  const templateHashes = Object.fromEntries(hashes);
  const afresh = appsToBeginAfresh(project, host);
  const accepted = {
    ...({ kind: 'project-accepted', spec, templateHashes, prune, only, at } as const),
    ...(afresh.length > 0 && { afresh }),
  };
  return restart === undefined ? accepted : { ...accepted, restart: restartRequest(restart, by, at) };
}

/** An apply is a person's word: what is down because of how it ended before is started as if it had not. */
function appsToBeginAfresh(
  project: string,
  { records, instances, histories, now }: HostSnapshot,
): readonly string[] {
  const isBad = (exit: InstanceExit | null): boolean => exit !== null && !wasAskedFor(exit);
  const suspects = new Set([
    ...histories.filter(({ slots }) => slots.some(({ lastExit }) => isBad(lastExit))).map(({ key }) => key),
    ...instances.filter(({ exit }) => isBad(exit)).map(({ key }) => key),
  ]);
  const record = suspects.size === 0 ? undefined : records.get(project);
  if (record === undefined) return [];
  const apps = desiredApps(new Map([[project, record]])).filter(({ key }) => suspects.has(key));
  const history = histories.filter(({ key }) => suspects.has(key));
  const view = viewHost(apps, { reachable: true, instances, history, accepted: [] }).host;
  return apps.flatMap((app) => {
    if (isScheduled(app.spec)) return [];
    const table = { instances: view.instancesOf(app.key), history: view.historyOf(app.key) };
    const isDown = classifySlots(app, table, now).slots.some((slot) => isDownByItself(slot, app));
    return isDown ? [app.spec.name] : [];
  });
}

function restartRequest(
  { verb, now }: NonNullable<ApplyRequest['restart']>,
  by: string,
  at: number,
): NonNullable<ProjectPreview['fact']['restart']> {
  const reason = verb === 'reload' ? 'ReloadRequested' : 'RestartRequested';
  return { reason, detail: `asked for by ${by}`, at, ...(now === true && { now }) };
}

/** The hash of a spec; where it differs from that of before by the name of the app alone, it is that. */
function hashBeside(app: AppRecord | undefined, spec: AppSpec): string {
  const names = (app?.formerly ?? []).map((key) => splitAppKey(key).name);
  const isKept = names.some((name) => templateHash({ ...spec, name }) === app?.templateHash);
  return isKept && app !== undefined ? app.templateHash : templateHash(spec);
}

/** Apps whose processes are as declared and run other code than lies on disk. */
function codeChanges(accepted: Projects, request: ApplyRequest, host: HostSnapshot): readonly CodeFact[] {
  const { code, instances, now: at } = host;
  if (code === undefined || !host.reachable) return [];
  const tableOf = tablesByApp(instances, host.histories);
  return desiredApps(accepted).flatMap((app) => {
    const { key } = app;
    const onDisk = inScope(key, request) ? code.identities.get(key) : undefined;
    if (onDisk === undefined) return [];
    const table = tableOf(key);
    const slots = slotsOfOtherCode(app, table.instances, onDisk);
    const again = slotsDoneByOtherCode(app, table, { onDisk, now: at });
    if (slots.length + again.length === 0) return [];
    const change = code.changeOf(key, codeRunners(table));
    if (change === undefined) return [];
    return [{ kind: 'code-changed', key, slots, again, detail: describeCodeChange(change), at } as const];
  });
}

function tablesByApp(
  instances: readonly ObservedInstance[],
  histories: readonly AppHistory[],
): (key: AppKey) => AppTable {
  const byApp = instancesByApp(instances);
  const slots = new Map(histories.map((history) => [history.key, history.slots]));
  return (key) => ({ instances: byApp.get(key) ?? [], history: slots.get(key) ?? [] });
}

function instancesByApp(
  instances: readonly ObservedInstance[],
): ReadonlyMap<AppKey, readonly ObservedInstance[]> {
  const byApp = new Map<AppKey, ObservedInstance[]>();
  for (const instance of instances) {
    const others = byApp.get(instance.key);
    if (others === undefined) byApp.set(instance.key, [instance]);
    else others.push(instance);
  }
  return byApp;
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

interface PreviewContext {
  readonly request: ApplyRequest;
  readonly host: HostSnapshot;
  readonly candidate: Projects;
  readonly codeFacts: readonly CodeFact[];
  readonly startFacts: readonly Fact[];
  readonly movedFacts: readonly MovedFact[];
  /** What apps were called, by what they are called now. */
  readonly before: ReadonlyMap<AppKey, AppKey>;
}

function previewProject(
  fact: ProjectPreview['fact'],
  { request, host, candidate, codeFacts, startFacts, movedFacts, before }: PreviewContext,
): ProjectPreview {
  const { project } = fact.spec;
  const isMine = (key: AppKey): boolean => splitAppKey(key).project === project;
  // Dependencies are looked up among all apps of the project, so the plan is made of all and then cut down.
  const desired = desiredApps(candidate).filter(({ key }) => isMine(key));
  const observed = scoped(host, host.records, isMine);
  const tableOf = tablesByApp(observed.instances, host.histories);
  const planned = plan(desired, observed, host.now, {
    codeChange: (key) => host.code?.changeOf(key, codeRunners(tableOf(key))),
  });
  const whole = {
    ...planned,
    changes: planned.changes.map((change) =>
      withOldName(withHint(withFailure(change, host, candidate), host, candidate), before),
    ),
  };
  const staying = new Set(desired.map(({ key }) => key));
  return {
    fact,
    movedFacts: movedFacts.filter(({ to }) => to === project),
    codeFacts: codeFacts.filter(({ key }) => isMine(key)),
    startFacts: startFacts.filter((one) => 'key' in one && isMine(one.key)),
    plan: request.only === null && request.prune ? whole : cutDown(whole, (key) => inScope(key, request)),
    removed: observed.accepted.filter(({ key }) => !staying.has(key)),
  };
}

function withOldName(change: Change, before: ReadonlyMap<AppKey, AppKey>): Change {
  const movedFrom = before.get(change.app);
  return movedFrom === undefined ? change : { ...change, movedFrom };
}

/** The change with why this very version failed when it was rolled out last. */
function withFailure(change: Change, { records }: HostSnapshot, candidate: Projects): Change {
  const before = appRecord(records, change.app);
  const next = appRecord(candidate, change.app);
  if (before?.lastFailed?.failure == null || before.lastFailed.templateHash !== next?.templateHash)
    return change;
  return before.templateHash === next.templateHash
    ? change
    : { ...change, failedBefore: before.lastFailed.failure.message };
}

/** The change with what the ends of its processes say that somebody should know before. */
function withHint(change: Change, { histories }: HostSnapshot, candidate: Projects): Change {
  const spec = appRecord(candidate, change.app)?.spec;
  if (spec === undefined || spec.cron_restart === null) return change;
  const slots = histories.find(({ key }) => key === change.app)?.slots ?? [];
  const isJob = slots.some(({ lastExit }) => lastExit !== null && wantsSchedule(lastExit, spec));
  return isJob ? { ...change, hint: WANTS_SCHEDULE } : change;
}

function appRecord(records: Projects, key: AppKey): AppRecord | undefined {
  const { project, name } = splitAppKey(key);
  const apps = records.get(project)?.apps ?? {};
  return Object.hasOwn(apps, name) ? apps[name] : undefined;
}

function scoped(host: HostSnapshot, records: Projects, isMine: (key: AppKey) => boolean): Observed {
  return {
    reachable: host.reachable,
    instances: host.instances.filter(({ key }) => isMine(key)),
    history: host.histories.filter(({ key }) => isMine(key)),
    accepted: acceptedApps(records).filter(({ key }) => isMine(key)),
  };
}

export function inScope(key: AppKey, { projects, only, prune }: ApplyRequest): boolean {
  const { project, name } = splitAppKey(key);
  const declared = projects.find((spec) => spec.project === project);
  if (declared === undefined) return false;
  // Where nothing is removed, what else the project has is no business of this apply.
  return only?.includes(name) ?? (prune || declared.apps.some((app) => app.name === name));
}

/** What is outside `--only` is neither changed nor counted as touched. */
function cutDown(whole: Plan, isMine: (key: AppKey) => boolean): Plan {
  const changes = whole.changes.filter(({ app }) => isMine(app));
  const summary = { ...whole.summary };
  for (const { kind, touches } of whole.changes.filter(({ app }) => !isMine(app))) {
    summary[kind] -= 1;
    summary.processesTouched -= touches;
  }
  return {
    ...whole,
    changes,
    summary,
    actions: whole.actions.filter(({ key }) => isMine(key)),
    holds: whole.holds.filter(({ key }) => isMine(key)),
    verdicts: whole.verdicts.filter(({ key }) => isMine(key)),
  };
}

function unknownOnly({ only, projects }: ApplyRequest, records: Projects): Failure | null {
  const known = new Set(
    projects.flatMap(({ project, apps }) => [
      ...apps.map(({ name }) => name),
      ...Object.keys(records.get(project)?.apps ?? {}),
    ]),
  );
  const unknown = (only ?? []).filter((name) => !known.has(name));
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

/** What a plan is about, whatever file it was read from and in whatever order the apps stand. */
function declared({ project, apps }: ProjectSpec): unknown {
  return { project, apps: Object.fromEntries(apps.map((app) => [appKey(project, app.name), app])) };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
