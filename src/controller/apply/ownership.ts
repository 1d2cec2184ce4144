import type { ApplyRequest } from '../../api/contract/wire.ts';
import type { Failure } from '../../lib/failure.ts';
import type { FileExists, OwnedProject } from '../../plan/guards/origin.ts';
import { originNote, ownershipGuard } from '../../plan/guards/ownership.ts';
import type { Change } from '../../plan/model/types.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { ProjectRecord } from '../../state/model/types.ts';

interface Host {
  readonly records: Projects;
  readonly exists: FileExists;
}

export interface Ownership {
  readonly guard: Failure | null;
  /** For the plan. */
  readonly notes: readonly string[];
}

/** Whether a project may be declared from where it is, and what is to be said of that. */
export function judgeOwnership(
  { project, source, apps }: ProjectSpec,
  changes: readonly Change[],
  { request, host }: { readonly request: ApplyRequest; readonly host: Host },
): Ownership {
  const declared = new Set(request.projects.map((spec) => spec.project));
  const record = host.records.get(project);
  const input = {
    project,
    source,
    apps: apps.map(({ name }) => name),
    before: record === undefined ? null : owned(record),
    others: [...host.records.values()].filter((other) => !declared.has(other.project)).map(owned),
    removed: changes.filter(({ kind }) => kind === 'remove').map(({ app }) => app),
    exists: host.exists,
  };
  const note = originNote(input);
  return {
    guard: ownershipGuard(input, { takeOver: request.takeOver === true }),
    notes: note === null ? [] : [note],
  };
}

function owned({ project, source, apps }: ProjectRecord): OwnedProject {
  return { project, source, apps: Object.keys(apps) };
}
