import { completeSpec, sparseSpec } from '../../spec/defaults.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { AppRecord, ProjectRecord } from '../model/types.ts';

/** Specs that an older version has stored get the fields that are new since then. */
export function completeRecord(record: ProjectRecord): ProjectRecord {
  return withSpecs(record, completeSpec);
}

/**
 * The JSON of a record as it is stored, in which specs say nothing of defaults: a daemon of an older version may be the next
 * to read it, and knows no field that is new. `completeRecord` undoes it. An app that has not changed since it was
 * printed last is not printed again: there may be thousands beside the one that has.
 */
export function printRecord({ apps, ...record }: ProjectRecord): string {
  const printed = Object.entries(apps).map(([name, app]) => `${JSON.stringify(name)}:${printApp(app)}`);
  const own = JSON.stringify(record);
  return `${own.slice(0, -1)},"apps":{${printed.join(',')}}}`;
}

/** By the record itself, which is never changed. */
const PRINTED = new WeakMap<AppRecord, string>();

function printApp(app: AppRecord): string {
  const known = PRINTED.get(app);
  if (known !== undefined) return known;
  const text = JSON.stringify(appWithSpecs(app, sparseSpec));
  PRINTED.set(app, text);
  return text;
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
