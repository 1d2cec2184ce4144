import { completeSpec, sparseSpec } from '../../spec/defaults.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { AppRecord, ProjectRecord } from '../model/types.ts';

/** Specs that an older version has stored get the fields that are new since then. */
export function completeRecord(record: ProjectRecord): ProjectRecord {
  return withSpecs(record, completeSpec);
}

/**
 * What is stored says nothing of defaults: a daemon of an older version may be the next to read it, and knows no field
 * that is new. `completeRecord` undoes it.
 */
export function sparseRecord(record: ProjectRecord): ProjectRecord {
  return withSpecs(record, sparseSpec);
}

function withSpecs(record: ProjectRecord, change: (spec: AppSpec) => AppSpec): ProjectRecord {
  const apps = Object.entries(record.apps).map(([name, app]) => [name, appWithSpecs(app, change)] as const);
  return { ...record, apps: Object.fromEntries(apps) };
}

function appWithSpecs(app: AppRecord, change: (spec: AppSpec) => AppSpec): AppRecord {
  const { rollout } = app;
  const previous = rollout?.previous ?? null;
  return {
    ...app,
    spec: change(app.spec),
    ...(rollout !== undefined &&
      previous !== null && {
        rollout: { ...rollout, previous: { ...previous, spec: change(previous.spec) } },
      }),
  };
}
