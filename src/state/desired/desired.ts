import { ownValue } from '../../lib/collections.ts';
import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { AcceptedApp, DesiredApp } from '../../plan/model/desired.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Projects } from './reducer.ts';
import type { AppRecord, ProjectRecord } from '../model/types.ts';

/** Every desired app, in the order of the projects and then of their files. */
export function desiredApps(projects: Projects): readonly DesiredApp[] {
  return ofAll(projects, DESIRED_OF, desiredApp);
}

/** The same apps as the base that a plan compares a new declaration with. */
export function acceptedApps(projects: Projects): readonly AcceptedApp[] {
  return ofAll(projects, ACCEPTED_OF, acceptedApp);
}

/** What is made of the apps, for each project once: its record is another one when anything of it changes. */
function ofAll<T>(
  projects: Projects,
  known: WeakMap<ProjectRecord, readonly T[]>,
  make: (record: KeyedRecord) => T,
): readonly T[] {
  return [...projects.values()].flatMap((record) => {
    const found = known.get(record) ?? recordsOf(record).map(make);
    known.set(record, found);
    return found;
  });
}

/** By their records, which are never changed: each plan asks for all apps several times. */
const DESIRED_OF = new WeakMap<ProjectRecord, readonly DesiredApp[]>();
const ACCEPTED_OF = new WeakMap<ProjectRecord, readonly AcceptedApp[]>();
const DESIRED = new WeakMap<AppRecord, DesiredApp>();
const ACCEPTED = new WeakMap<AppRecord, AcceptedApp>();

function acceptedApp({ key, app }: KeyedRecord): AcceptedApp {
  const known = ACCEPTED.get(app);
  if (known?.key === key) return known;
  const accepted = {
    key,
    spec: app.spec,
    templateHash: app.templateHash,
    generation: app.generation,
    override: app.override,
    ...(app.begunAfresh !== undefined && { begunAfresh: app.begunAfresh }),
  };
  ACCEPTED.set(app, accepted);
  return accepted;
}

/** What is on record of an app. */
export function appRecord(projects: Projects, key: AppKey): AppRecord | undefined {
  const { project, name } = splitAppKey(key);
  return ownValue(projects.get(project)?.apps, name);
}

/** A project as it could be applied again: what a revision keeps, and what a rollback applies. */
export function projectSpecOf(record: ProjectRecord): ProjectSpec {
  return {
    project: record.project,
    source: record.source,
    apps: Object.values(record.apps).map((app) => app.spec),
  };
}

interface KeyedRecord {
  readonly key: AppKey;
  readonly project: string;
  readonly app: AppRecord;
}

function recordsOf({ project, apps }: ProjectRecord): readonly KeyedRecord[] {
  return Object.entries(apps).map(([name, app]) => ({ key: appKey(project, name), project, app }));
}

/** The very same object for the same record, so that `===` tells what is new. */
function desiredApp(record: KeyedRecord): DesiredApp {
  const known = DESIRED.get(record.app);
  if (known?.key === record.key) return known;
  const app = newDesiredApp(record);
  DESIRED.set(record.app, app);
  return app;
}

function newDesiredApp({ key, project, app }: KeyedRecord): DesiredApp {
  return {
    key,
    project,
    spec: app.spec,
    templateHash: app.templateHash,
    generation: app.generation,
    restartGeneration: app.restartGeneration,
    slotRestarts: app.slotRestarts ?? {},
    lastRestart: app.lastRestart ?? null,
    ...(app.runs !== undefined && { runs: app.runs }),
    ...(app.settledTick !== undefined && { settledTick: app.settledTick }),
    revision: app.revision,
    override: app.override,
    ...(app.rollout !== undefined && { rollout: app.rollout }),
    ...(app.lastRollout !== undefined && { lastRollout: app.lastRollout }),
    ...(app.reloads !== undefined && { reloads: app.reloads }),
    ...(app.reload !== undefined && { reload: app.reload }),
    ...(app.lastReload !== undefined && { lastReload: app.lastReload }),
    ...(app.listens === true && { listens: true }),
    ...(app.unfit !== undefined && { unfit: app.unfit }),
    ...(app.begunAfresh !== undefined && { begunAfresh: app.begunAfresh }),
    ...(app.ports !== undefined && { ports: app.ports }),
    ...(app.preStart !== undefined && { preStart: app.preStart }),
  };
}

/** The desired apps of one moment. */
export interface DesiredSnapshot {
  readonly apps: readonly DesiredApp[];
  readonly byKey: ReadonlyMap<AppKey, DesiredApp>;
}

/** The desired apps of the projects as they are. */
export function desiredSnapshot(projects: Projects): DesiredSnapshot {
  const apps = desiredApps(projects);
  return {
    apps,
    byKey: new Map(apps.map((app) => [app.key, app])),
  };
}
