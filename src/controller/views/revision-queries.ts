import type { ApiBackend } from '../../api/contract/backend.ts';
import type { RevisionInfo } from '../../api/contract/wire.ts';
import { ok } from '../../lib/result.ts';
import { resultOf } from '../../state/desired/revision-outcomes.ts';
import type { Store } from '../../state/store.ts';
import type { Revision } from '../../state/model/types.ts';
import { toRfc3339 } from './wire-values.ts';

/** The kept revisions, as the API gives them: they are on disk, so no process is asked for them. */
export function revisionQueries(
  store: Pick<Store, 'project' | 'projects' | 'revisions' | 'revision'>,
): Pick<ApiBackend, 'revisions' | 'revision'> {
  return {
    async revisions(project) {
      const projects = project === null ? store.projects().map((record) => record.project) : [project];
      const lists = await Promise.all(projects.map((name) => store.revisions(name)));
      const items = lists.flat().map((revision) => revisionInfo(revision, store));
      if (project === null) items.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
      return ok({ apiVersion: 'v1', kind: 'RevisionList', items });
    },
    async revision(project, number) {
      const revision = await store.revision(project, number);
      if (!revision.ok) return revision;
      return ok({ ...revisionInfo(revision.value, store), spec: revision.value.spec });
    },
  };
}

function revisionInfo({ spec: _spec, ...revision }: Revision, store: Pick<Store, 'project'>): RevisionInfo {
  const record = store.project(revision.project);
  const outcome = record === undefined ? null : resultOf(record, revision.revision);
  return { ...revision, at: toRfc3339(revision.at), commit: revision.commit ?? null, outcome };
}
