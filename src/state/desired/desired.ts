import { ownValue } from '../../lib/collections.ts';
import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { AcceptedApp, DesiredApp } from '../../plan/model/desired.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Projects } from './reducer.ts';
import type { AppRecord, ProjectRecord } from '../model/types.ts';

/** Every desired app, in the order of the projects and then of their files. */
export function desiredApps(projects: Projects): readonly DesiredApp[] {
  return recordsOf(projects).map(desiredApp);
}

/** The same apps as the base that a plan compares a new declaration with. */
export function acceptedApps(projects: Projects): readonly AcceptedApp[] {
  return recordsOf(projects).map(({ key, app }) => ({
    key,
    spec: app.spec,
    templateHash: app.templateHash,
    generation: app.generation,
    override: app.override,
    ...(app.begunAfresh !== undefined && { begunAfresh: app.begunAfresh }),
  }));
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

function recordsOf(projects: Projects): readonly KeyedRecord[] {
  return [...projects.values()].flatMap(({ project, apps }) =>
    Object.entries(apps).map(([name, app]) => ({ key: appKey(project, name), project, app })),
  );
}

function desiredApp({ key, project, app }: KeyedRecord): DesiredApp {
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
  /** What they were made from. */
  readonly records: ReadonlyMap<AppKey, AppRecord>;
}

/** The desired apps; one whose record is that of `before` is the very same object, so that `===` tells what is new. */
export function desiredSnapshot(projects: Projects, before?: DesiredSnapshot): DesiredSnapshot {
  const found = recordsOf(projects);
  const apps = found.map((record) => {
    const known = before?.records.get(record.key) === record.app ? before.byKey.get(record.key) : undefined;
    return known ?? desiredApp(record);
  });
  return {
    apps,
    byKey: new Map(apps.map((app) => [app.key, app])),
    records: new Map(found.map(({ key, app }) => [key, app])),
  };
}
