import { appKey } from '../../lib/app-key.ts';
import type { AcceptedApp, DesiredApp } from '../../plan/model/types.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Projects } from './reducer.ts';
import type { ProjectRecord } from '../model/types.ts';

/** Every app that is to be there, in the order of projects and then of the file. */
export function desiredApps(projects: Projects): readonly DesiredApp[] {
  return [...projects.values()].flatMap((record) =>
    Object.entries(record.apps).map(([name, app]) => ({
      key: appKey(record.project, name),
      project: record.project,
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
      ...(app.listens === true && { listens: true }),
      ...(app.unfit !== undefined && { unfit: app.unfit }),
      ...(app.begunAfresh !== undefined && { begunAfresh: app.begunAfresh }),
    })),
  );
}

/** The same apps as the base that a plan compares a new declaration with. */
export function acceptedApps(projects: Projects): readonly AcceptedApp[] {
  return [...projects.values()].flatMap((record) =>
    Object.entries(record.apps).map(([name, { spec, templateHash, generation, override, begunAfresh }]) => ({
      key: appKey(record.project, name),
      spec,
      templateHash,
      generation,
      override,
      ...(begunAfresh !== undefined && { begunAfresh }),
    })),
  );
}

/** A project as it could be applied again: what a revision keeps, and what a rollback applies. */
export function projectSpecOf(record: ProjectRecord): ProjectSpec {
  return {
    project: record.project,
    source: record.source,
    apps: Object.values(record.apps).map((app) => app.spec),
  };
}
