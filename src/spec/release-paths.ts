import type { AppSpec, ProjectSource } from './types.ts';

/**
 * Apps of a git source run from folders of commits, side by side: `<releases>/<source>/<commit>`. An app whose code no
 * newer commit has changed stays in an older one, so its project and it can be of different commits.
 */
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** The folder of the commit that an app runs from; null: it is of no release. */
export function releaseOf(
  source: ProjectSource,
  { cwd, script }: Pick<AppSpec, 'cwd' | 'script'>,
): Release | null {
  const base = releasesOf(source);
  if (base === null) return null;
  for (const path of [cwd, script]) {
    if (!path.startsWith(`${base}/`)) continue;
    const [commit = ''] = path.slice(base.length + 1).split('/', 1);
    if (COMMIT.test(commit)) return { commit, root: `${base}/${commit}` };
  }
  return null;
}

export interface Release {
  readonly commit: string;
  readonly root: string;
}

/** The ecosystem files that declare an app, in the release that it runs from. */
export function filesBeside(source: ProjectSource, spec: Pick<AppSpec, 'cwd' | 'script'>): readonly string[] {
  const release = releaseOf(source, spec);
  const base = releasesOf(source);
  const files = source.files.filter((file) => file !== '-');
  if (release === null || base === null || source.origin?.commit === undefined) return files;
  const root = `${base}/${source.origin.commit}`;
  return files.map((file) => moved(file, root, release.root));
}

/** A value in which every path of one folder is of another one. */
export function relocated<T>(value: T, from: string, to: string): T {
  return relocate(value, from, to) as T;
}

function relocate(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.includes(from) ? moved(value, from, to) : value;
  if (Array.isArray(value)) return value.map((item) => relocate(item, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, relocate(item, from, to)]));
}

function moved(text: string, from: string, to: string): string {
  return text
    .split(from)
    .map((part, index) => (index === 0 ? part : `${/^(?:[/:;,\s"']|$)/.test(part) ? to : from}${part}`))
    .join('');
}

/** The folder of all commits of the source that declares a project; null: no git source does. */
function releasesOf({ origin, files: [file = ''] }: ProjectSource): string | null {
  if (origin?.commit === undefined) return null;
  const at = file.indexOf(`/${origin.commit}/`);
  return at === -1 ? null : file.slice(0, at);
}
