import { ownValue } from '../../lib/collections.ts';
import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { withMovedStarts } from '../../plan/slots/recorded-times.ts';
import { acceptProject } from './accept-project.ts';
import { changeApp, isAppFact, type AppFact } from './app-facts.ts';
import { choosePorts } from './chosen-ports.ts';
import { askConfirmation, withMovedConfirmation, withoutConfirmation } from './confirmations.ts';
import { moveApps } from './moves.ts';
import { endPreStart } from './pre-starts.ts';
import { hasReleaseJobs, runReleaseJobs } from './release-jobs.ts';
import { trackOutcomes, withoutOldOutcomes } from './revision-outcomes.ts';
import { failRollout } from './rollouts.ts';
import { USUAL_RETENTION } from '../model/retention.ts';
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
    case 'pre-start-ended':
      return updateApp(projects, fact.key, (app) => endPreStart(app, fact));
    case 'rollout-failed':
      return updateApp(projects, fact.key, (app) => failRollout(app, fact));
    case 'ports-chosen':
      return updateApp(projects, fact.key, (app) => choosePorts(app, fact, projects));
    case 'clock-set':
      return moveTimes(projects, fact.byMs);
    default:
      return changeApps(projects, [fact]);
  }
}

/**
 * The desired state after all of these facts, one after the other. What tells of different apps of one project is taken
 * together: to copy a project for each of thousands of apps would take minutes. What came of the last `keptRevisions` of a
 * project stays known.
 */
export function reduceAll(
  projects: Projects,
  facts: readonly Fact[],
  keptRevisions = USUAL_RETENTION.revisions,
): Projects {
  let next = projects;
  let together: AppFact[] = [];
  const keys = new Set<AppKey>();
  const take = (): void => {
    next = changeApps(next, together);
    together = [];
    keys.clear();
  };
  for (const fact of facts) {
    const joins = isAppFact(fact) && !keys.has(fact.key) && isOfProject(fact, together[0]);
    if (!joins) take();
    if (!isAppFact(fact)) next = reduce(next, fact);
    else {
      together.push(fact);
      keys.add(fact.key);
    }
  }
  take();
  for (const [project, record] of next) {
    if (record.revision === projects.get(project)?.revision) continue;
    next = new Map(next).set(project, withoutOldOutcomes(record, keptRevisions));
  }
  return next;
}

function isOfProject(fact: AppFact, first: AppFact | undefined): boolean {
  return first === undefined || splitAppKey(first.key).project === splitAppKey(fact.key).project;
}

/** The facts tell of different apps of one project. */
function changeApps(projects: Projects, facts: readonly AppFact[]): Projects {
  const [first] = facts;
  const before = first && projects.get(splitAppKey(first.key).project);
  if (before === undefined) return projects;
  // New code of an app may be what a job of another is to run for: that depends on what is changed by then.
  if (facts.length > 1 && hasReleaseJobs(before) && facts.some(({ kind }) => kind === 'code-changed'))
    return facts.reduce((next, fact) => changeApps(next, [fact]), projects);
  const changed = facts.flatMap((fact) => {
    const { name } = splitAppKey(fact.key);
    const app = ownValue(before.apps, name);
    const next = app && changeApp(app, fact);
    return next === undefined || next === app ? [] : [[name, next] as const];
  });
  if (changed.length === 0) return projects;
  const record = withApps(before, changed);
  const code = facts.find((fact) => fact.kind === 'code-changed');
  const released = code === undefined ? record : runReleaseJobs(before, record, code.at);
  return withProject(projects, released, released === record ? changed.map(([name]) => name) : undefined);
}

function withApps(record: ProjectRecord, changed: readonly (readonly [string, AppRecord])[]): ProjectRecord {
  return {
    ...record,
    lastGeneration: changed.reduce(
      (last, [, { generation }]) => Math.max(last, generation),
      record.lastGeneration,
    ),
    apps: { ...record.apps, ...Object.fromEntries(changed) },
  };
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

function deleteApps(projects: Projects, keys: readonly AppKey[]): Projects {
  let next = projects;
  const deleted = new Set(keys);
  for (const project of new Set(keys.map((key) => splitAppKey(key).project))) {
    const record = projects.get(project);
    if (record === undefined) continue;
    const left = Object.entries(record.apps).filter(([name]) => !deleted.has(appKey(project, name)));
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
  const revision = record.revision + (changed.spec === app.spec ? 0 : 1);
  return withProject(projects, { ...withApps(record, [[name, changed]]), revision });
}

/** `changed`: the apps of before that are others in `record`; absent: any may be. */
function withProject(projects: Projects, record: ProjectRecord, changed?: readonly string[]): Projects {
  const before = projects.get(record.project);
  if (before === record) return projects;
  return new Map(projects).set(record.project, trackOutcomes(before, record, changed));
}
