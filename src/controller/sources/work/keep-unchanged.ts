import { readCodeAndFiles } from '../../../code/files-read.ts';
import { CodeReader } from '../../../code/code-reader.ts';
import type { CodeReading, CodeRequest } from '../../../code/reading.ts';
import { appKey, type AppKey } from '../../../lib/app-key.ts';
import { ownValue } from '../../../lib/collections.ts';
import { releaseOf, relocated, type Release } from '../../../spec/release-paths.ts';
import type { AppSpec, ProjectSpec } from '../../../spec/types.ts';
import type { SourcesContext } from '../context.ts';

/** Whether these paths hold the same in two commits. */
export type SameContent = (before: string, after: string, paths: readonly string[]) => Promise<boolean>;

export interface NewRelease {
  readonly commit: string;
  readonly root: string;
  /** What every app is made of, beside its own code; null: the build may read anything. */
  readonly inputs: readonly string[] | null;
  readonly same: SameContent;
}

/** Projects of a release, with the apps that nothing of it concerns as they are. */
export interface KeptProjects {
  readonly projects: readonly ProjectSpec[];
  /** Apps of which any change in the repository counts, because nothing narrower is known; sorted. */
  readonly broad: readonly AppKey[];
}

/**
 * Only what changed is touched, also by a commit: an app whose code is the same in the new release stays in the folder that
 * it runs from. What else is declared for it is taken over there.
 */
export async function keepUnchanged(
  projects: readonly ProjectSpec[],
  release: NewRelease,
  { store }: Pick<SourcesContext, 'store'>,
): Promise<KeptProjects> {
  const all = projects.flatMap(requestsOf);
  const apps = projects.flatMap((project) =>
    project.apps.flatMap((spec) => movable(project, spec, release, store)),
  );
  const reader = new CodeReader();
  const [now, before] = await Promise.all([
    readCodeAndFiles(reader, all),
    readCodeAndFiles(
      reader,
      apps.map(({ before }) => before),
    ),
  ]);
  const isBroadApp = ({ key, spec }: CodeRequest): boolean =>
    spec.code !== 'off' && !isWithin(now.get(key), release.root);
  const kept = new Map<AppKey, AppSpec>();
  for (const app of apps) {
    const code = { now: now.get(app.key), before: before.get(app.key) };
    const isOwn =
      app.now.spec.code === 'off' ||
      (isWithin(code.now, release.root) &&
        isWithin(code.before, app.old.root) &&
        sameFiles(code.now, code.before));
    const isBroad = isBroadApp(app.now);
    if (!isOwn && !isBroad) continue;
    const paths = isBroad ? [''] : (release.inputs ?? ['']);
    if (paths.length === 0 || (await release.same(app.old.commit, release.commit, paths))) {
      kept.set(app.key, app.before.spec);
    }
  }
  return {
    // What a build may have read is of every app.
    broad: all
      .filter((request) => release.inputs === null || isBroadApp(request))
      .map(({ key }) => key)
      .sort(),
    projects: projects.map((project) => ({
      ...project,
      apps: project.apps.map((spec) => kept.get(appKey(project.project, spec.name)) ?? spec),
    })),
  };
}

function requestsOf({ project, source, apps }: ProjectSpec): readonly CodeRequest[] {
  return apps.map((spec) => ({ key: appKey(project, spec.name), spec, files: source.files }));
}

interface MovableApp {
  readonly key: AppKey;
  /** The release that it runs from. */
  readonly old: Release;
  readonly now: CodeRequest;
  /** As it is declared now, in the release that it runs from. */
  readonly before: CodeRequest;
}

/** An app that runs from another release of the same source. */
function movable(
  { project, source }: ProjectSpec,
  spec: AppSpec,
  { root }: NewRelease,
  store: SourcesContext['store'],
): readonly MovableApp[] {
  const record = store.project(project);
  const known = ownValue(record?.apps, spec.name);
  const old = known === undefined ? null : releaseOf(source, known.spec);
  if (old === null || old.root === root) return [];
  const key = appKey(project, spec.name);
  return [
    {
      key,
      old,
      now: { key, spec, files: source.files },
      before: {
        key,
        spec: relocated(spec, root, old.root),
        files: relocated(source.files, root, old.root),
      },
    },
  ];
}

type Code =
  Awaited<ReturnType<typeof readCodeAndFiles>> extends ReadonlyMap<AppKey, infer R> ? R | undefined : never;

/** Whether the code of an app is known, and is of the release. */
function isWithin(code: Code, root: string): code is CodeReading {
  return (
    code !== undefined && !('unknown' in code) && (code.place === root || code.place.startsWith(`${root}/`))
  );
}

function sameFiles(one: CodeReading, other: CodeReading): boolean {
  if (one.files.size !== other.files.size) return false;
  return [...one.files].every(([path, content]) => other.files.get(path) === content);
}
