import { mkdir } from 'node:fs/promises';
import { appKey, splitAppKey } from '../../lib/app-key.ts';
import { isObject } from '../../lib/checks.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ProjectHistoryData } from './app-histories.ts';
import {
  listStateFiles,
  readStateFile,
  removeTemporaryFiles,
  setAside,
  type ReadOptions,
} from './durable-file.ts';
import type { InstanceIdsData } from './instance-ids.ts';
import { lostProjects } from './lost-projects.ts';
import { completeRecord } from './stored-specs.ts';
import type { StateLayout } from './layout.ts';
import { completeMoves } from '../desired/moves.ts';
import type { Projects } from '../desired/reducer.ts';
import { errorCode } from '../../lib/system-error.ts';
import { writeProblem, type WriteProblem } from './state-failures.ts';
import type { AppHistory, ProjectRecord } from '../model/types.ts';

/** Everything that the state folder holds, events and revisions aside. */
export interface LoadedState {
  readonly projects: Projects;
  readonly histories: readonly AppHistory[];
  readonly ids: InstanceIdsData | undefined;
  /** Projects whose file of histories tells of apps that are gone. */
  readonly outdatedHistories: readonly string[];
  /** What was damaged and how it was mended, for people. */
  readonly notices: readonly string[];
}

interface LoadOptions {
  readonly readOnly: boolean;
  readonly now: number;
}

/** Makes the folders (0700) and clears what killed writers left. Gives what kept a folder from being made. */
export async function prepareFolders(layout: StateLayout): Promise<WriteProblem | null> {
  for (const folder of [layout.root, layout.projects, layout.revisions, layout.history]) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      // A disk that takes nothing still has what is to be read; a folder that is missing is made by the next write.
      const isInTheWay = ['EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '');
      if (folder === layout.root || isInTheWay) return writeProblem(folder, error);
    }
    await removeTemporaryFiles(folder).catch(() => undefined);
  }
  return null;
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
    const isUsable = (data: unknown): boolean => isRecordOf(data, path, layout);
    const loaded = await readStateFile(path, { repair: !options.readOnly, now: options.now, isUsable });
    if (!loaded.ok) return err(loaded.error.failure);
    if (loaded.value.notice !== null) notices.push(loaded.value.notice);
    // Gone since the folder was listed.
    if (loaded.value.data === undefined) continue;
    const record = completeRecord(loaded.value.data as ProjectRecord);
    stored.set(record.project, record);
  }
  for (const { record, notice } of await lostProjects(layout, stored)) {
    stored.set(record.project, record);
    notices.push(notice);
  }
  const projects = completeMoves(stored);
  const histories: AppHistory[] = [];
  for (const path of await listStateFiles(layout.history)) {
    const data = await readComfort(path, { ...options, isUsable: isHistory }, notices);
    if (!data.ok) return data;
    histories.push(...((data.value as ProjectHistoryData | undefined)?.apps ?? []));
  }
  const ids = await readComfort(layout.ids, { ...options, isUsable: isIds }, notices);
  if (!ids.ok) return ids;
  const known = new Set(
    [...projects.values()].flatMap(({ project, apps }) =>
      Object.keys(apps).map((name) => appKey(project, name)),
    ),
  );
  return ok({
    projects,
    histories: histories.filter(({ key }) => known.has(key)),
    outdatedHistories: [
      ...new Set(histories.filter(({ key }) => !known.has(key)).map(({ key }) => splitAppKey(key).project)),
    ],
    ids: ids.value as InstanceIdsData | undefined,
    notices,
  });
}

/** Reads a file that may begin anew; only a newer format is a failure, and one that may be whole and cannot be opened. */
async function readComfort(
  path: string,
  options: LoadOptions & Pick<ReadOptions, 'isUsable'>,
  notices: string[],
): Promise<Result<unknown, Failure>> {
  const { readOnly, ...how } = options;
  const loaded = await readStateFile(path, { repair: !readOnly, ...how });
  if (loaded.ok) {
    if (loaded.value.notice !== null) notices.push(loaded.value.notice);
    return ok(loaded.value.data);
  }
  if (!loaded.error.isLost) return err(loaded.error.failure);
  notices.push(`${path} could not be read and begins anew`);
  // Where that cannot be done, it is replaced by the next write.
  if (!readOnly) await setAside(path, options.now).catch(() => undefined);
  return ok(undefined);
}

/** A file under the name of another project must not take the place of that. */
function isRecordOf(data: unknown, path: string, layout: StateLayout): boolean {
  if (!isObject(data) || typeof data.project !== 'string' || !isObject(data.apps)) return false;
  return layout.projectFile(data.project) === path;
}

function isHistory(data: unknown): boolean {
  return isObject(data) && Array.isArray(data.apps);
}

function isIds(data: unknown): boolean {
  return isObject(data) && typeof data.next === 'number' && isObject(data.ids);
}
