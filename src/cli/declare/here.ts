import { dirname } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { appKey, splitAppKey } from '../../lib/app-key.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { ProjectSource } from '../../spec/types.ts';
import type { OfflineApi } from '../session/api.ts';
import { applyRequest } from './applying.ts';

/** A name that several projects have, and the one of the folder that the command runs in. */
export interface Chosen {
  /** The selectors with that app in place of the name. */
  readonly selectors: readonly string[];
  readonly app: AppKey;
  readonly others: readonly AppKey[];
}

/**
 * What an ambiguous name means in a folder: the app of the project that is declared there, or in the nearest folder above.
 * null when no project is declared there, or several are.
 */
export async function chosenHere(
  selectors: readonly string[],
  ambiguous: Failure,
  { api, folder }: { readonly api: Pick<OfflineApi, 'plan'>; readonly folder: string | null },
): Promise<Chosen | null> {
  if (ambiguous.code !== 'SELECTOR_AMBIGUOUS' || folder === null) return null;
  const candidates = (ambiguous.details ?? []).filter((detail): detail is AppKey =>
    /^[^/\s]+\/[^/]+$/.test(detail),
  );
  const [first] = candidates;
  if (first === undefined || candidates.length !== ambiguous.details?.length) return null;
  const { name } = splitAppKey(first);
  const named = selectors.find(
    (word) => word === name || (word.startsWith(`${name}:`) && /:\d+$/.test(word)),
  );
  const app = named === undefined ? null : await nearestOf(candidates, folder, api);
  if (named === undefined || app === null) return null;
  return {
    selectors: selectors.map((word) => (word === named ? `${app}${named.slice(name.length)}` : word)),
    app,
    others: candidates.filter((candidate) => candidate !== app),
  };
}

/** The one of several projects that is declared in a folder, or in the nearest above; null: none is, or several are. */
export async function projectHere(
  projects: readonly string[],
  { api, folder }: { readonly api: Pick<OfflineApi, 'plan'>; readonly folder: string },
): Promise<string | null> {
  const found = await nearestOf(
    projects.map((project) => appKey(project, '-')),
    folder,
    api,
  );
  return found === null ? null : splitAppKey(found).project;
}

/** One line: which app was chosen, and among which. */
export function choiceText({ app, others }: Chosen): string {
  const { name } = splitAppKey(app);
  return `${name} is ${app} here, the project of this folder (there ${others.length === 1 ? 'is' : 'are'} ${others.join(', ')} too)`;
}

/** The folder, then the one above, up to the root: the first where just one of the projects is declared. */
async function nearestOf(
  candidates: readonly AppKey[],
  folder: string,
  api: Pick<OfflineApi, 'plan'>,
): Promise<AppKey | null> {
  const folders = await declaringFolders(candidates, api);
  for (let here = folder; ; here = dirname(here)) {
    const [found, ...more] = candidates.filter((key) => folders.get(splitAppKey(key).project)?.has(here));
    if (found !== undefined) return more.length === 0 ? found : null;
    if (here === dirname(here)) return null;
  }
}

/** By project: the folders of its files, as given and without links. A plan of nothing says where they are. */
async function declaringFolders(
  candidates: readonly AppKey[],
  api: Pick<OfflineApi, 'plan'>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const projects = candidates.map((key) => ({
    project: splitAppKey(key).project,
    source: { files: [], env: null },
    apps: [],
  }));
  const request = applyRequest(projects, '', { prune: false });
  const plan = await api.plan({ ...request, code: 'leave' });
  if (!plan.ok) return new Map();
  return new Map(plan.value.projects.map(({ project, sourceBefore }) => [project, foldersOf(sourceBefore)]));
}

function foldersOf(source: ProjectSource | null | undefined): ReadonlySet<string> {
  const paths = [...(source?.files ?? []), ...(source?.realFiles ?? [])];
  return new Set(paths.filter((path) => path.startsWith('/')).map(dirname));
}
