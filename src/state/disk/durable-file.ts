import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { sealEnvelope, sealText } from './envelope.ts';
import { errorCode } from '../../lib/system-error.ts';
import { readVersion } from './read-version.ts';
import { fileMark, type FileMark } from './known-files.ts';
import { linkOrCopy, setAsideOne } from './set-aside.ts';
import { closedFailure, newerFailure, unreadableFailure, writeProblem } from './state-failures.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

const TEMPORARY_SUFFIX = '.tmp';
const PREVIOUS_SUFFIX = '.prev';

/** What a state file holds, or that there is none (`data` undefined). */
export interface Loaded {
  readonly data: unknown;
  /** The newest version could not be read and an older one was taken: what happened, for people. Else null. */
  readonly notice: string | null;
}

/**
 * Replaces a file so that after a crash, also of the machine, either the old or the new content is there and whole.
 * The old content is kept as `<path>.prev`. Resolves with what the file is known by. Throws the error of the file system; the old content is then in place.
 * The caller sees to it that one path is written by one call at a time.
 */
export function writeStateFile(path: string, data: unknown): Promise<FileMark> {
  return writeStateText(path, JSON.stringify(data));
}

/** `writeStateFile` of data that is JSON already, as JSON.stringify prints it. */
export async function writeStateText(path: string, text: string): Promise<FileMark> {
  const temporary = temporaryPath(path);
  let kept: boolean;
  let mark: FileMark;
  try {
    failpoint('state.write');
    mark = await writeSynced(temporary, sealText(text));
    failpoint('state.synced');
    await clearPlace(path);
    kept = await keepPrevious(path);
    failpoint('state.kept');
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  try {
    failpoint('state.renamed');
    await syncFolder(dirname(path));
  } catch (error) {
    // "Not saved" must stay true after a restart: what was reported as failed is taken back.
    const undo = kept ? rename(`${path}${PREVIOUS_SUFFIX}`, path) : rm(path);
    await undo.catch(() => undefined);
    throw error;
  }
  failpoint('state.saved');
  return mark;
}

/** Why a state file could not be read. */
export interface Unread {
  readonly failure: Failure;
  /** Neither version can ever be used; else, what there is may be whole. */
  readonly isLost: boolean;
}

export interface ReadOptions {
  readonly repair: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether whole data is what the file is to hold; absent: anything is. */
  readonly isUsable?: (data: unknown) => boolean;
}

/**
 * Reads a state file. One that cannot be used is set aside as `<path>.corrupt-<time>` and the previous version takes
 * its place; with `repair: false` nothing on disk is touched.
 * Fails with STATE_UNREADABLE when neither version can be used (both stay where they are: a missing file would later
 * be read as "there is nothing") or when a version may be whole and cannot be opened now, and with STATE_NEWER when a
 * newer stateward wrote it.
 */
export async function readStateFile(path: string, options: ReadOptions): Promise<Result<Loaded, Unread>> {
  const { isUsable } = options;
  const current = await readVersion(path, isUsable);
  if (current.kind === 'newer') return err({ failure: newerFailure(path, current.format), isLost: false });
  if (current.kind === 'closed') return err({ failure: closedFailure(path, current), isLost: false });
  if (current.kind === 'data') return ok({ data: current.data, notice: null });
  const previousPath = `${path}${PREVIOUS_SUFFIX}`;
  const previous = await readVersion(previousPath, isUsable);
  if (previous.kind === 'newer')
    return err({ failure: newerFailure(previousPath, previous.format), isLost: false });
  if (previous.kind === 'closed')
    return err({ failure: closedFailure(previousPath, previous), isLost: false });
  if (previous.kind === 'data') {
    const problem = current.kind === 'missing' ? 'it is missing' : current.message;
    if (!options.repair) return ok({ data: previous.data, notice: usedPrevious(path, problem) });
    const corrupt = current.kind === 'corrupt';
    const left = await repair(path, { data: previous.data, corrupt, now: options.now });
    return ok({ data: previous.data, notice: `${usedPrevious(path, problem)}${left}` });
  }
  if (current.kind === 'missing' && previous.kind === 'missing') return ok({ data: undefined, notice: null });
  return err({ failure: unreadableFailure(path, [current, previous]), isLost: true });
}

/** Puts a file out of the way as `<path>.corrupt-<time>`, with its previous version. Missing files are fine. */
export async function setAside(path: string, now: number): Promise<void> {
  for (const candidate of [path, `${path}${PREVIOUS_SUFFIX}`]) await setAsideOne(candidate, now);
}

/** Removes a state file with its previous version. Missing files are fine. */
export async function removeStateFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}${PREVIOUS_SUFFIX}`, { force: true });
}

/** Removes what writers that were killed left half written in a folder. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.') && name.endsWith(TEMPORARY_SUFFIX))
      await rm(join(folder, name), { force: true });
  }
}

/**
 * The state files of a folder, without their previous and set-aside versions, sorted. A name whose newest version is
 * gone and whose previous one is there counts. A missing folder has none.
 */
export async function listStateFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const files = names
    .filter((name) => !name.startsWith('.'))
    .map((name) => (name.endsWith(PREVIOUS_SUFFIX) ? name.slice(0, -PREVIOUS_SUFFIX.length) : name))
    .filter((name) => name.endsWith('.json'));
  return [...new Set(files)].sort().map((name) => join(folder, name));
}

/**
 * At no moment is a file missing: the bad one gets a second name, then is replaced. Gives what is to be added to the
 * notice: on a full disk the file stays damaged, and the previous version is used all the same.
 */
async function repair(
  path: string,
  found: { readonly data: unknown; readonly corrupt: boolean; readonly now: number },
): Promise<string> {
  const temporary = temporaryPath(path);
  try {
    if (found.corrupt) await setAsideOne(path, found.now, { keep: true });
    await writeSynced(temporary, sealEnvelope(found.data));
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return '';
  } catch (error) {
    return `; the file stays as it is: ${writeProblem(path, error).why}`;
  }
}

/** A folder, a device or a link that somebody has put in the place of a file is no version of it. */
async function clearPlace(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found !== null && !found.isFile()) await setAsideOne(path, Date.now());
}

/** Gives the present version a second name. False: there is none yet. */
async function keepPrevious(path: string): Promise<boolean> {
  const linked = `${temporaryPath(path)}.prev${TEMPORARY_SUFFIX}`;
  await rm(linked, { force: true });
  try {
    await linkOrCopy(path, linked);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
  await clearPlace(`${path}${PREVIOUS_SUFFIX}`);
  await rename(linked, `${path}${PREVIOUS_SUFFIX}`);
  // rename() between two names of one file does nothing, and leaves both.
  await rm(linked, { force: true });
  return true;
}

async function writeSynced(path: string, text: string): Promise<FileMark> {
  const handle = await openAnew(path);
  try {
    await handle.writeFile(text);
    failpoint('state.written');
    await handle.sync();
    return fileMark(await handle.stat());
  } finally {
    await handle.close();
  }
}

/** In a folder that somebody has removed too. */
async function openAnew(path: string): Promise<FileHandle> {
  try {
    await rm(path, { force: true, recursive: true });
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return open(path, 'wx', 0o600);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}${TEMPORARY_SUFFIX}`);
}

function usedPrevious(path: string, problem: string): string {
  return `${path} could not be used (${problem}); its previous version was taken`;
}
