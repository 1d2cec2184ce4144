import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { mapPieces, type Pieces } from '../../lib/turns/pieces.ts';
import { codeRunners } from '../../plan/decide/code.ts';
import type { AcceptedApp } from '../../plan/model/desired.ts';
import type { Change, ChangeKind, Plan } from '../../plan/model/plan.ts';
import type { Counting } from '../../plan/summary.ts';
import { olderCode } from '../../plan/explain/older-code.ts';
import { planPieces } from '../../plan/plan.ts';
import { isActive } from '../../plan/slots/readiness.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import type { AppTable } from '../../plan/slots/slots.ts';
import { WANTS_SCHEDULE, wantsSchedule } from '../../plan/slots/restart-policy.ts';
import { appRecord, desiredApps } from '../../state/desired/desired.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { Fact } from '../../state/model/types.ts';
import type { AcceptFact } from './accept-fact.ts';
import type { CodeFact } from './code-facts.ts';
import { scoped, scopeOf, tablesByApp, type HostSnapshot } from './host-snapshot.ts';
import type { MovedFact } from './moves.ts';

/** What applying one project would do. */
export interface ProjectPreview {
  readonly fact: AcceptFact;
  /** Apps that get another name; these facts come first. */
  readonly movedFacts: readonly MovedFact[];
  /** Of apps that get new processes because of their code alone. */
  readonly codeFacts: readonly CodeFact[];
  /** Of apps that others depend on, and that would not start by themselves. */
  readonly startFacts: readonly Fact[];
  readonly plan: Plan;
  /** Apps that leave the desired state. */
  readonly removed: readonly AcceptedApp[];
}

/** What the plans of all projects of an apply are made from. */
export interface PreviewContext {
  readonly request: ApplyRequest;
  readonly host: HostSnapshot;
  readonly candidate: Projects;
  readonly codeFacts: readonly CodeFact[];
  readonly startFacts: readonly Fact[];
  readonly movedFacts: readonly MovedFact[];
  /** What apps were called, by what they are called now. */
  readonly before: ReadonlyMap<AppKey, AppKey>;
}

/** Plans one project and adds to each change what a person should know about it. */
export function* previewProject(
  fact: AcceptFact,
  { request, host, candidate, codeFacts, startFacts, movedFacts, before }: PreviewContext,
): Pieces<ProjectPreview> {
  const { project } = fact.spec;
  const isMine = (key: AppKey): boolean => splitAppKey(key).project === project;
  // Dependencies are looked up among all apps of the project, so the plan is made of all and then cut down.
  const desired = desiredApps(candidate).filter(({ key }) => isMine(key));
  const observed = scoped(host, host.records, isMine);
  const tableOf = tablesByApp(observed.instances, host.histories);
  const planned = yield* planPieces(desired, observed, host.now, {
    codeChange: (key) => host.code?.changeOf(key, codeRunners(tableOf(key))),
  });
  const whole = {
    ...planned,
    changes: yield* mapPieces(planned.changes, (change) =>
      withOldName(
        withHint(withOlderCode(withFailure(change, host, candidate), host, { candidate, tableOf }), {
          candidate,
          tableOf,
        }),
        before,
      ),
    ),
  };
  const staying = new Set(desired.map(({ key }) => key));
  return {
    fact,
    movedFacts: movedFacts.filter(({ to }) => to === project),
    codeFacts: codeFacts.filter(({ key }) => isMine(key)),
    startFacts: startFacts.filter((one) => 'key' in one && isMine(one.key)),
    plan: request.only === null && request.prune ? whole : cutDown(whole, scopeOf(request)),
    removed: observed.accepted.filter(({ key }) => !staying.has(key)),
  };
}

function withOldName(change: Change, before: ReadonlyMap<AppKey, AppKey>): Change {
  const movedFrom = before.get(change.app);
  return movedFrom === undefined ? change : { ...change, movedFrom };
}

/** Adds why this very version failed when it was last rolled out. */
function withFailure(change: Change, { records }: HostSnapshot, candidate: Projects): Change {
  const before = appRecord(records, change.app);
  const next = appRecord(candidate, change.app);
  if (before?.lastFailed?.failure == null || before.lastFailed.templateHash !== next?.templateHash)
    return change;
  return before.templateHash === next.templateHash
    ? change
    : { ...change, failedBefore: before.lastFailed.failure.message };
}

/** Kinds of change that leave processes as they are. */
const KEEPING: ReadonlySet<ChangeKind> = new Set(['unchanged', 'live', 'scale']);

/** Adds that its processes stay though the code on disk is newer. */
function withOlderCode(
  change: Change,
  { code }: HostSnapshot,
  { candidate, tableOf }: { readonly candidate: Projects; readonly tableOf: (key: AppKey) => AppTable },
): Change {
  const { app: key, kind, fields } = change;
  if (code === undefined || !KEEPING.has(kind) || fields.some(({ path }) => path === 'code')) return change;
  // A job runs the new code at its next time.
  const spec = appRecord(candidate, key)?.spec;
  if (spec === undefined || isScheduled(spec)) return change;
  const running = tableOf(key).instances.filter(isActive);
  const compared = code.changeOf(key, running);
  const aside = compared === undefined ? code.asideOf(key, running) : undefined;
  const newer = compared ?? aside;
  if (newer === undefined) return change;
  return { ...change, codeNewer: olderCode(newer, { key, spec, compared: compared !== undefined }) };
}

/** Adds a hint that follows from how its processes have ended. */
function withHint(
  change: Change,
  { candidate, tableOf }: { readonly candidate: Projects; readonly tableOf: (key: AppKey) => AppTable },
): Change {
  const spec = appRecord(candidate, change.app)?.spec;
  if (spec === undefined || spec.cron_restart === null) return change;
  const isJob = tableOf(change.app).history.some(
    ({ lastExit }) => lastExit !== null && wantsSchedule(lastExit, spec),
  );
  return isJob ? { ...change, hint: WANTS_SCHEDULE } : change;
}

/** Apps outside `--only` are neither changed nor counted as touched. */
function cutDown(whole: Plan, isMine: (key: AppKey) => boolean): Plan {
  const changes = whole.changes.filter(({ app }) => isMine(app));
  const summary: Counting = { ...whole.summary };
  for (const { kind, touches } of whole.changes.filter(({ app }) => !isMine(app))) {
    summary[kind] = (summary[kind] ?? 0) - 1;
    summary.processesTouched -= touches;
  }
  return {
    ...whole,
    changes,
    summary,
    actions: whole.actions.filter(({ key }) => isMine(key)),
    holds: whole.holds.filter(({ key }) => isMine(key)),
    health: whole.health.filter(({ key }) => isMine(key)),
  };
}
