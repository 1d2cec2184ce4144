import { groupBy } from '../../lib/collections.ts';
import { appRecord } from '../../state/desired/desired.ts';
import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import type { FileExists, OwnedProject } from '../../plan/guards/origin.ts';
import { originNote, ownershipGuard, renamedProjectNote } from '../../plan/guards/ownership.ts';
import type { Change } from '../../plan/model/plan.ts';
import { templateHash } from '../../spec/hash.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { ProjectRecord } from '../../state/model/types.ts';

interface OwnershipContext {
  readonly request: ApplyRequest;
  readonly host: Host;
  /** What apps were called, by what they are called now. */
  readonly before: ReadonlyMap<AppKey, AppKey>;
  /** The desired state as it would be. */
  readonly candidate: Projects;
}

interface Host {
  readonly records: Projects;
  readonly exists: FileExists;
  readonly isSource: (name: string) => boolean;
}

export interface Ownership {
  readonly guard: Failure | null;
  /** For the plan. */
  readonly notes: readonly string[];
}

/** Whether a project may be declared from this origin, and notes about that for people. */
export function assessOwnership(
  spec: ProjectSpec,
  changes: readonly Change[],
  { request, host, before, candidate }: OwnershipContext,
): Ownership {
  const { project, source, apps, moved } = spec;
  const declared = new Set(request.projects.map((spec) => spec.project));
  const record = host.records.get(project);
  const input = {
    project,
    // A file that names the former project knows what it takes over.
    source: moved?.from === undefined ? source : { ...source, named: true as const },
    apps: apps.map(({ name }) => name),
    before: record === undefined ? null : owned(record),
    others: [...host.records.values()].filter((other) => !declared.has(other.project)).map(owned),
    removed: changes.filter(({ kind }) => kind === 'remove').map(({ app }) => app),
    exists: host.exists,
    isSource: host.isSource,
  };
  return {
    guard: ownershipGuard(input, { takeOver: request.takeOver === true }),
    notes: [
      ...noteIf(movedNote(project, before)),
      ...noteIf(originNote(input)),
      ...noteIf(renamedProjectNote(input)),
      ...renamedAppNotes(changes, host.records, candidate),
    ],
  };
}

function owned({ project, source, apps }: ProjectRecord): OwnedProject {
  return { project, source, apps: Object.keys(apps) };
}

function noteIf(note: string | null): readonly string[] {
  return note === null ? [] : [note];
}

function movedNote(project: string, before: ReadonlyMap<AppKey, AppKey>): string | null {
  const olds = [...before].filter(([key]) => splitAppKey(key).project === project).map(([, old]) => old);
  if (olds.length === 0) return null;
  return `moved from ${[...new Set(olds)].sort().join(', ')}: processes that run are kept (STATEWARD_PROJECT and STATEWARD_APP in them say the old names until they are started again; logs go on in files of the new names)`;
}

/** Notes about apps that come and go and differ in their names alone. */
function renamedAppNotes(
  changes: readonly Change[],
  records: Projects,
  candidate: Projects,
): readonly string[] {
  const removed = byTemplate(changes, 'remove', records);
  if (removed.size === 0) return [];
  const created = byTemplate(changes, 'create', candidate);
  return [...created].flatMap(([template, [app, ...likeIt]]) => {
    const [old, ...others] = removed.get(template) ?? [];
    if (app === undefined || old === undefined || likeIt.length + others.length > 0) return [];
    const { name } = splitAppKey(app);
    const from = splitAppKey(old).name;
    return [
      `${name} is like ${from} but for its name: \`moved: { from: ${from} }\` on it keeps the processes`,
    ];
  });
}

/** The apps that come or go, by what they run. */
function byTemplate(
  changes: readonly Change[],
  kind: 'create' | 'remove',
  records: Projects,
): ReadonlyMap<string | undefined, readonly AppKey[]> {
  const apps = changes.filter((change) => change.kind === kind).map(({ app }) => app);
  const known = apps.filter((app) => appRecord(records, app) !== undefined);
  return groupBy(known, (app) => templateOf(app, records));
}

/** Equal for apps that differ only in their names and in fields that need no new process. */
function templateOf(key: AppKey, records: Projects): string | undefined {
  const spec = appRecord(records, key)?.spec;
  return spec === undefined ? undefined : templateHash({ ...spec, name: '' });
}
