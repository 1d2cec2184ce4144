import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { RevisionInfo, RevisionList } from '../../api/contract/wire/revisions.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import { ok } from '../../lib/result.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { whereToGoBack } from '../../state/revisions/going-back.ts';
import { resultOf } from '../../state/desired/revision-outcomes.ts';
import type { Store } from '../../state/store.ts';
import type { Revision } from '../../state/model/types.ts';
import { runningCode } from './code-view.ts';
import { viewHookRecord } from './instance/hook-view.ts';
import { toRfc3339 } from './wire-values.ts';

export interface RevisionSources {
  readonly store: Pick<Store, 'project' | 'projects' | 'revisions' | 'revision' | 'history'>;
  /** The processes, as far as they are known. */
  readonly instancesOf: (key: AppKey) => readonly ObservedInstance[];
}

/** The kept revisions, as the API gives them, with the code of the processes that run them. */
export function revisionQueries(
  sources: RevisionSources,
): Pick<ApiBackend, 'allRevisions' | 'revisions' | 'revision' | 'goingBack'> {
  const { store } = sources;
  const listed = async (project: string): Promise<readonly RevisionInfo[]> =>
    (await store.revisions(project)).map((revision) => revisionInfo(revision, sources));
  const listOf = (items: readonly RevisionInfo[]): RevisionList => ({
    apiVersion: 'v1',
    kind: 'RevisionList',
    items,
  });
  return {
    async allRevisions() {
      const lists = await Promise.all(store.projects().map(({ project }) => listed(project)));
      return ok(listOf(lists.flat().sort((a, b) => Date.parse(b.at) - Date.parse(a.at))));
    },
    revisions: async ({ project }) => ok(listOf(await listed(project))),
    async revision({ project, revision: number }) {
      const revision = await store.revision(project, number);
      if (!revision.ok) return revision;
      return ok({ ...revisionInfo(revision.value, sources), spec: revision.value.spec });
    },
    async goingBack(subject) {
      const record = store.project(subject.project);
      const kept = (await store.revisions(subject.project)).map(({ revision, spec }) => ({
        ...{ revision, spec },
        outcome: record === undefined ? null : resultOf(record, revision),
      }));
      const found = whereToGoBack(subject, kept);
      return found.ok ? ok({ apiVersion: 'v1', kind: 'GoingBack', ...subject, ...found.value }) : found;
    },
  };
}

function revisionInfo(
  { spec, ...revision }: Revision,
  { store, instancesOf }: RevisionSources,
): RevisionInfo {
  const record = store.project(revision.project);
  const outcome = record === undefined ? null : resultOf(record, revision.revision);
  const apps = spec.apps.map(({ name }) => appKey(revision.project, name));
  const hooks = apps
    .flatMap((app) => (store.history(app).hooks ?? []).map((run) => ({ app, run })))
    .filter(({ run }) => run.revision === revision.revision)
    .sort((one, other) => other.run.startedAt - one.run.startedAt)
    .map(({ app, run }) => ({ app, ...viewHookRecord(run) }));
  const running = Object.keys(record?.apps ?? {}).flatMap((name) => {
    const app = appKey(revision.project, name);
    const ofIt = instancesOf(app).filter((instance) => instance.revision === revision.revision);
    return runningCode(ofIt).map((code) => ({ app, ...code }));
  });
  return {
    ...revision,
    at: toRfc3339(revision.at),
    commit: revision.commit ?? null,
    versions: versionsOf(spec),
    outcome,
    running,
    ...(hooks.length > 0 && { hooks }),
  };
}

function versionsOf({ project, apps }: Revision['spec']): Readonly<Record<AppKey, string>> {
  const named = apps.map(({ name, version }) => [appKey(project, name), version ?? null] as const);
  return Object.fromEntries(named.filter((entry): entry is [AppKey, string] => entry[1] !== null));
}
