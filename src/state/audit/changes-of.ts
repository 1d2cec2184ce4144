import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Audited } from '../desired-state.ts';
import type { ProjectSave } from '../disk/project-files.ts';
import type { Projects } from '../desired/reducer.ts';
import type { AuditedChange, Made } from './audit-entry.ts';

/** What the audit log tells of facts: each new revision, and what somebody has asked of apps. */
export function changesOf({ saves, before }: Audited, made: Made | undefined): readonly AuditedChange[] {
  const revisions = saves.flatMap((save) => revisionChange(save, before));
  if (made === undefined) return revisions;
  const accepted = new Set(revisions.map(({ project }) => project));
  const apps = saves
    .filter(({ record }) => !accepted.has(record.project))
    .flatMap((save) => changedApps(save, before));
  const { by, command } = made;
  if (apps.length > 0) return [...revisions, { kind: 'verb', by, command, apps }];
  if (revisions.length > 0 || saves.length === 0) return revisions;
  const about = saves.map(({ record: { project, revision } }) => `${project} ${revision}`).join(', ');
  return [{ kind: 'act', by, command, about }];
}

function revisionChange(
  { record, revisions }: ProjectSave,
  before: Projects,
): readonly Extract<AuditedChange, { kind: 'revision' }>[] {
  const revision = revisions.at(-1);
  if (revision === undefined || record.revision === before.get(record.project)?.revision) return [];
  const { by, command, commit, hash, project } = revision;
  return [
    {
      kind: 'revision',
      ...{ by, command, project, revision: revision.revision, spec: hash },
      ...(commit !== undefined && { commit }),
      apps: revision.changes.map(({ app, kind }) => ({ app, change: kind })),
    },
  ];
}

function changedApps(
  { record }: ProjectSave,
  before: Projects,
): readonly { readonly app: AppKey; readonly generation: number }[] {
  const known = before.get(record.project)?.apps ?? {};
  return Object.entries(record.apps)
    .filter(([name, app]) => known[name] !== app)
    .map(([name, { generation }]) => ({ app: appKey(record.project, name), generation }));
}
