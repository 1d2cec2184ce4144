import type { RevisionInfo } from '../../api/contract/wire/revisions.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { appKey, splitAppKey } from '../../lib/app-key.ts';
import { FailureError } from '../../lib/failure.ts';
import type { OfflineApi } from '../session/api.ts';
import { unwrap } from '../session/failures.ts';
import { nearest } from '../../lib/nearest.ts';

/** What revisions are about: a project, or one app of it. */
export interface RevisionSubject {
  readonly project: string;
  /** null: the whole project. */
  readonly app: AppKey | null;
}

/**
 * What `shop`, `web`, `shop/web` or `shop/` means; the last is always a project. Apps that are gone are found in the kept
 * revisions. Throws SELECTOR_AMBIGUOUS when several have the name, NOT_FOUND when nothing has.
 */
export async function findSubject(given: string, api: OfflineApi): Promise<RevisionSubject> {
  const keys = await knownApps(api);
  const projects = projectsOf(keys);
  const slash = given.indexOf('/');
  if (slash > 0) return subjectIn(given.slice(0, slash), given.slice(slash + 1), { keys, api });
  const [only, ...others] = [
    ...projects.filter((project) => project === given).map((project) => ({ project, app: null })),
    ...keys.filter((key) => splitAppKey(key).name === given).map(subjectOf),
  ];
  if (only !== undefined) return others.length === 0 ? only : ambiguous(given, [only, ...others]);
  const [gone, ...more] = await goneSubjects(given, api);
  if (gone === undefined) throw notFound(given, keys);
  return more.length === 0 ? gone : ambiguous(given, [gone, ...more]);
}

/** The only project; when there are several, one must be named. */
export async function onlyProject(api: OfflineApi): Promise<RevisionSubject> {
  const projects = projectsOf(await knownApps(api));
  const [only, second] = projects;
  if (only === undefined) {
    throw new FailureError({
      code: 'NOT_FOUND',
      message: 'there is no project',
      hint: 'nothing was applied yet',
    });
  }
  if (second !== undefined) {
    throw new FailureError({
      code: 'SELECTOR_AMBIGUOUS',
      message: `cannot tell which project is meant: there are ${projects.length}`,
      hint: 'name one, or an app of it',
      details: projects,
    });
  }
  return { project: only, app: null };
}

/** The kept revisions that have changed a subject, newest first; for null, those of every project. */
export async function subjectRevisions(
  subject: RevisionSubject | null,
  api: OfflineApi,
): Promise<readonly RevisionInfo[]> {
  const items = await revisionsOf(subject?.project ?? null, api);
  const app = subject?.app ?? null;
  return app === null ? items : items.filter((revision) => changesApp(revision, app));
}

/** The kept revisions that have changed what selectors mean, newest first, with what they say of that alone. */
export async function selectedRevisions(
  selectors: readonly string[],
  api: OfflineApi,
): Promise<readonly RevisionInfo[]> {
  const { items: apps } = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
  const keys = new Set(apps.map(({ project, name }) => appKey(project, name)));
  const revisions = await revisionsOf(null, api);
  return revisions.flatMap((revision) => {
    const changes = revision.changes.filter(({ app, kind }) => keys.has(app) && kind !== 'unchanged');
    if (changes.length === 0) return [];
    const { versions, running, ...rest } = revision;
    const ofApps = Object.entries(versions ?? {}).filter(([key]) => keys.has(key as AppKey));
    return [
      {
        ...rest,
        changes,
        ...(versions !== undefined && { versions: Object.fromEntries(ofApps) }),
        ...(running !== undefined && { running: running.filter(({ app }) => keys.has(app)) }),
      },
    ];
  });
}

/** `shop/web`, or `project shop`. */
export function subjectName({ project, app }: RevisionSubject): string {
  return app ?? `project ${project}`;
}

function changesApp({ changes }: RevisionInfo, app: AppKey): boolean {
  return changes.some((change) => change.app === app && change.kind !== 'unchanged');
}

function subjectOf(app: AppKey): RevisionSubject {
  return { project: splitAppKey(app).project, app };
}

/** `name` empty: the project itself. */
async function subjectIn(
  project: string,
  name: string,
  { keys, api }: { readonly keys: readonly AppKey[]; readonly api: OfflineApi },
): Promise<RevisionSubject> {
  const app = name === '' ? null : appKey(project, name);
  const isKnown = app === null ? projectsOf(keys).includes(project) : keys.includes(app);
  if (isKnown || (await subjectRevisions({ project, app }, api)).length > 0) return { project, app };
  throw notFound(app ?? project, keys);
}

async function knownApps(api: OfflineApi): Promise<readonly AppKey[]> {
  const { items } = unwrap(await api.apps({ selectors: [], spec: 'none', detail: 'brief' }));
  return items.map(({ project, name }) => appKey(project, name));
}

function projectsOf(keys: readonly AppKey[]): readonly string[] {
  return [...new Set(keys.map((key) => splitAppKey(key).project))];
}

async function revisionsOf(project: string | null, api: OfflineApi): Promise<readonly RevisionInfo[]> {
  return unwrap(await (project === null ? api.allRevisions() : api.revisions({ project }))).items;
}

/** What had this name in the past: a project without apps now, or apps that are gone. */
async function goneSubjects(name: string, api: OfflineApi): Promise<readonly RevisionSubject[]> {
  const revisions = await revisionsOf(null, api);
  const keys = revisions.flatMap(({ changes }) => changes.map(({ app }) => app));
  return [
    ...(revisions.some(({ project }) => project === name) ? [{ project: name, app: null }] : []),
    ...[...new Set(keys)].filter((key) => splitAppKey(key).name === name).map(subjectOf),
  ];
}

function ambiguous(given: string, found: readonly RevisionSubject[]): never {
  const names = found.map(({ project, app }) => app ?? `${project}/`);
  const [first = ''] = names;
  throw new FailureError({
    code: 'SELECTOR_AMBIGUOUS',
    message: `cannot tell which ${given} is meant: ${found.length} have that name`,
    hint: `name it in full: ${first}`,
    details: found.map(
      ({ app }, index) => `${names[index] ?? ''} (${app === null ? 'the project' : 'an app'})`,
    ),
  });
}

function notFound(given: string, keys: readonly AppKey[]): FailureError {
  const names = keys.flatMap((key) => [key, splitAppKey(key).name, splitAppKey(key).project]);
  const meant = nearest(given, names);
  const projects = projectsOf(keys);
  const known = projects.length === 0 ? 'nothing was applied yet' : `known are ${projects.join(', ')}`;
  return new FailureError({
    code: 'NOT_FOUND',
    message: `there is no project ${given}, and no app of that name`,
    hint: meant === null ? known : `did you mean ${meant}?`,
  });
}
