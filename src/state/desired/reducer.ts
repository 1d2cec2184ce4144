import { ownValue } from '../../lib/collections.ts';
import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { groupOf } from '../../plan/model/reasons.ts';
import type { Override } from '../../plan/model/desired.ts';
import { withMovedStarts } from '../../plan/slots/recorded-times.ts';
import { saysUnfit } from '../../plan/slots/unfit.ts';
import { acceptProject } from './accept-project.ts';
import { choosePorts } from './chosen-ports.ts';
import { askConfirmation, withMovedConfirmation, withoutConfirmation } from './confirmations.ts';
import { moveApps } from './moves.ts';
import { endReload, requestReload } from './reloads.ts';
import { nextRestart } from './restart-counters.ts';
import { endPreStart, releaseBegun, triedAgain } from './pre-starts.ts';
import { runReleaseJobs } from './release-jobs.ts';
import { trackOutcomes } from './revision-outcomes.ts';
import {
  completeRollout,
  failRollout,
  pauseRollout,
  rolloutOfCode,
  rolloutOfRestart,
  rolloutOfStart,
} from './rollouts.ts';
import type { AppRecord, Fact, ProjectRecord } from '../model/types.ts';

/** The whole desired state: every project that was ever accepted, also those that have no app any more. */
export type Projects = ReadonlyMap<string, ProjectRecord>;

/**
 * The desired state after a fact. Pure and total: a fact about something that is not there changes nothing. What a
 * fact does not change is returned as the very same object, so that `===` tells whether there is anything to write.
 *
 * - A generation grows when what an app is to be changes; an app that comes back gets a number never used before.
 * - A revision grows when the declared specs of a project change, and not by overrides or restarts. A rollback changes
 *   them too.
 */
export function reduce(projects: Projects, fact: Fact): Projects {
  switch (fact.kind) {
    case 'project-accepted':
      return withProject(projects, acceptProject(projects.get(fact.spec.project), fact));
    case 'apps-moved':
      return moveApps(projects, fact);
    case 'confirmation-asked':
      return updateProject(projects, fact.project, (record) => askConfirmation(record, fact));
    case 'confirmed':
      return updateProject(projects, fact.project, withoutConfirmation);
    case 'apps-deleted':
      return deleteApps(projects, fact.keys);
    case 'override-set':
      return updateApp(projects, fact.key, (app) => setOverride(app, fact.override));
    case 'begun-afresh':
      return updateApp(projects, fact.key, (app) => triedAgain(beginAfresh(app), app.preStart?.at ?? 0));
    case 'restart-requested':
      return updateApp(projects, fact.key, (app) => requestRestart(app, fact));
    case 'restarts-found':
      return updateApp(projects, fact.key, (app) => takeOverRestarts(app, fact));
    case 'code-changed':
      return changeCodeOf(projects, fact);
    case 'pre-start-ended':
      return updateApp(projects, fact.key, (app) => endPreStart(app, fact));
    case 'reload-requested':
      return updateApp(projects, fact.key, (app) => requestReload(app, fact));
    case 'reload-ended':
      return updateApp(projects, fact.key, (app) => endReload(app, fact));
    case 'rollout-completed':
      return updateApp(projects, fact.key, (app) => completeRollout(app, fact));
    case 'rollout-failed':
      return updateApp(projects, fact.key, (app) => failRollout(app, fact));
    case 'rollout-paused':
      return updateApp(projects, fact.key, (app) => pauseOrResume(app, fact));
    case 'dependencies-seen':
      return updateApp(projects, fact.key, (app) => ({ ...app, dependencyMarks: fact.dependencyMarks }));
    case 'ports-chosen':
      return updateApp(projects, fact.key, (app) => choosePorts(app, fact, projects));
    case 'clock-set':
      return moveTimes(projects, fact.byMs);
    default:
      return unreachable(fact);
  }
}

function moveTimes(projects: Projects, byMs: number): Projects {
  let next = projects;
  for (const found of projects.values()) {
    const record = withMovedConfirmation(found, byMs);
    if (record !== found) next = withProject(next, record);
    const moved = Object.entries(record.apps).map(
      ([name, app]) => [name, withMovedStarts(app, byMs)] as const,
    );
    if (moved.some(([name, app]) => app !== record.apps[name])) {
      next = withProject(next, { ...record, apps: Object.fromEntries(moved) });
    }
  }
  return next;
}

function beginAfresh(app: AppRecord): AppRecord {
  const generation = app.generation + 1;
  return { ...app, generation, begunAfresh: generation };
}

function setOverride(app: AppRecord, override: Override | null): AppRecord {
  if (override === null && app.override === null) return app;
  const next = { ...app, override, generation: app.generation + 1 };
  // A run that waits to be started must not come up when the app is started again.
  return override?.run === 'stopped' && app.runs !== undefined ? { ...next, runs: {} } : next;
}

function requestRestart(app: AppRecord, fact: Extract<Fact, { kind: 'restart-requested' }>): AppRecord {
  const { slot, reason, detail, at, now, tick, run, dependencyMarks } = fact;
  const generation = app.generation + 1;
  const asked: AppRecord = {
    ...app,
    ...(dependencyMarks !== undefined && { dependencyMarks }),
    ...(tick !== undefined && { settledTick: tick }),
    ...(run === true && slot !== null && { runs: { ...app.runs, [slot]: generation } }),
    ...nextRestart(app, slot),
    generation,
    ...unfitIn(app, fact),
    lastRestart: { reason, detail, at, ...(now === true && { now }) },
  };
  const isByHand = groupOf(reason) === 'operator';
  return rolloutOfRestart(app, isByHand ? triedAgain(asked, at) : asked, fact);
}

function pauseOrResume(app: AppRecord, fact: Extract<Fact, { kind: 'rollout-paused' }>): AppRecord {
  const next = pauseRollout(app, fact);
  return next !== app && fact.paused === null ? triedAgain(next, fact.at) : next;
}

/** Asks for nothing: the processes are as the counters say from now on. */
function takeOverRestarts(
  app: AppRecord,
  { generation, slots }: Extract<Fact, { kind: 'restarts-found' }>,
): AppRecord {
  const counted: Record<string, number> = { ...app.slotRestarts };
  for (const [slot, more] of Object.entries(slots)) counted[slot] = (counted[slot] ?? 0) + more;
  return { ...app, generation: Math.max(app.generation, generation), slotRestarts: counted };
}

/** Jobs that run with every release have their run before the slots have their new processes. */
function changeCodeOf(projects: Projects, fact: Extract<Fact, { kind: 'code-changed' }>): Projects {
  const { project } = splitAppKey(fact.key);
  const before = projects.get(project);
  const changed = updateApp(projects, fact.key, (app) => changeCode(app, fact));
  const record = changed.get(project);
  if (before === undefined || record === undefined || record === before) return changed;
  return withProject(changed, runReleaseJobs(before, record, fact.at));
}

/** Gives new processes to the slots that run other code; the accepted spec stays as it is. */
function changeCode(
  app: AppRecord,
  { slots, again, detail, at, code, rotated }: Extract<Fact, { kind: 'code-changed' }>,
): AppRecord {
  const asked = slots.length + again.length === 0 ? app.lastRestart : undefined;
  const bumped = [...slots, ...again].reduce((next, slot) => ({ ...next, ...nextRestart(next, slot) }), app);
  const next: AppRecord = {
    ...bumped,
    generation: app.generation + 1,
    lastRestart: {
      reason: rotated === true ? 'SecretRotated' : 'CodeChanged',
      detail,
      at,
      ...(asked?.now === true && { now: true }),
    },
  };
  // Another value is no other release: nothing is done before it but the start.
  const begun = rotated === true ? next : releaseBegun(next, at, code);
  return slots.length === 0 ? rolloutOfStart(begun, at) : rolloutOfCode(app, begun, at);
}

/** The process of a slot counts as not fit until somebody asks for another restart of that slot. */
function unfitIn(
  app: AppRecord,
  { slot, reason, at }: Extract<Fact, { kind: 'restart-requested' }>,
): Pick<AppRecord, 'unfit'> {
  if (slot === null || !saysUnfit(reason)) return {};
  const { restartGeneration, slotRestarts } = nextRestart(app, slot);
  const counter = restartGeneration + (slotRestarts?.[String(slot)] ?? 0);
  return { unfit: { ...app.unfit, [slot]: { reason, at, restartGeneration: counter } } };
}

function deleteApps(projects: Projects, keys: readonly AppKey[]): Projects {
  let next = projects;
  for (const project of new Set(keys.map((key) => splitAppKey(key).project))) {
    const record = projects.get(project);
    if (record === undefined) continue;
    const left = Object.entries(record.apps).filter(([name]) => !keys.includes(appKey(project, name)));
    if (left.length === Object.keys(record.apps).length) continue;
    next = withProject(next, { ...record, revision: record.revision + 1, apps: Object.fromEntries(left) });
  }
  return next;
}

function updateProject(
  projects: Projects,
  name: string,
  change: (record: ProjectRecord) => ProjectRecord,
): Projects {
  const record = projects.get(name);
  return record === undefined ? projects : withProject(projects, change(record));
}

function updateApp(projects: Projects, key: AppKey, change: (app: AppRecord) => AppRecord): Projects {
  const { project, name } = splitAppKey(key);
  const record = projects.get(project);
  const app = ownValue(record?.apps, name);
  if (record === undefined || app === undefined) return projects;
  const changed = change(app);
  if (changed === app) return projects;
  return withProject(projects, {
    ...record,
    revision: record.revision + (changed.spec === app.spec ? 0 : 1),
    lastGeneration: Math.max(record.lastGeneration, changed.generation),
    apps: { ...record.apps, [name]: changed },
  });
}

function withProject(projects: Projects, record: ProjectRecord): Projects {
  const before = projects.get(record.project);
  if (before === record) return projects;
  return new Map(projects).set(record.project, trackOutcomes(before, record));
}
