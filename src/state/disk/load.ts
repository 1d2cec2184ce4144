import { mkdir } from 'node:fs/promises';
import { appKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ProjectHistoryData } from './app-histories.ts';
import { listStateFiles, readStateFile, removeTemporaryFiles, setAside } from './durable-file.ts';
import type { InstanceIdsData } from './instance-ids.ts';
import type { StateLayout } from './layout.ts';
import { completeMoves } from '../desired/moves.ts';
import type { Projects } from '../desired/reducer.ts';
import { completeSpec } from '../../spec/defaults.ts';
import type { AppHistory, AppRecord, ProjectRecord } from '../model/types.ts';

/** Everything that the state folder holds, events and revisions aside. */
export interface LoadedState {
  readonly projects: Projects;
  readonly histories: readonly AppHistory[];
  readonly ids: InstanceIdsData | undefined;
  /** What was damaged and how it was mended, for people. */
  readonly notices: readonly string[];
}

interface LoadOptions {
  readonly readOnly: boolean;
  readonly now: number;
}

/** Makes the folders (0700) and clears what killed writers left. */
export async function prepareFolders(layout: StateLayout): Promise<void> {
  for (const folder of [layout.root, layout.projects, layout.revisions, layout.history]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeTemporaryFiles(folder);
  }
}

/**
 * Reads the state back. The desired state is whole or the result is a failure (STATE_UNREADABLE, STATE_NEWER): apps
 * must never be stopped because their declaration could not be read. Histories and ids are comfort: damaged beyond
 * their previous version, they are set aside and begin anew.
 */
export async function loadState(
  layout: StateLayout,
  options: LoadOptions,
): Promise<Result<LoadedState, Failure>> {
  const notices: string[] = [];
  const stored = new Map<string, ProjectRecord>();
  for (const path of await listStateFiles(layout.projects)) {
    const loaded = await readStateFile(path, { repair: !options.readOnly, now: options.now });
    if (!loaded.ok) return loaded;
    if (loaded.value.notice !== null) notices.push(loaded.value.notice);
    const record = completeRecord(loaded.value.data as ProjectRecord);
    stored.set(record.project, record);
  }
  const projects = completeMoves(stored);
  const histories: AppHistory[] = [];
  for (const path of await listStateFiles(layout.history)) {
    const data = await readComfort(path, options, notices);
    if (!data.ok) return data;
    histories.push(...((data.value as ProjectHistoryData | undefined)?.apps ?? []));
  }
  const ids = await readComfort(layout.ids, options, notices);
  if (!ids.ok) return ids;
  const known = new Set(
    [...projects.values()].flatMap(({ project, apps }) =>
      Object.keys(apps).map((name) => appKey(project, name)),
    ),
  );
  return ok({
    projects,
    histories: histories.filter(({ key }) => known.has(key)),
    ids: ids.value as InstanceIdsData | undefined,
    notices,
  });
}

/** Specs that an older version has stored get the fields that are new since then. */
function completeRecord(record: ProjectRecord): ProjectRecord {
  const apps = Object.entries(record.apps).map(([name, app]) => [name, completeApp(app)] as const);
  return { ...record, apps: Object.fromEntries(apps) };
}

function completeApp(app: AppRecord): AppRecord {
  const { rollout } = app;
  const previous = rollout?.previous ?? null;
  return {
    ...app,
    spec: completeSpec(app.spec),
    ...(rollout !== undefined &&
      previous !== null && {
        rollout: { ...rollout, previous: { ...previous, spec: completeSpec(previous.spec) } },
      }),
  };
}

/** Reads a file that may begin anew; only a newer format is a failure. */
async function readComfort(
  path: string,
  options: LoadOptions,
  notices: string[],
): Promise<Result<unknown, Failure>> {
  const loaded = await readStateFile(path, { repair: !options.readOnly, now: options.now });
  if (loaded.ok) {
    if (loaded.value.notice !== null) notices.push(loaded.value.notice);
    return ok(loaded.value.data);
  }
  if (loaded.error.code !== 'STATE_UNREADABLE') return err(loaded.error);
  notices.push(`${path} could not be read and begins anew`);
  if (!options.readOnly) await setAside(path, options.now);
  return ok(undefined);
}
