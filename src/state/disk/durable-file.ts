import { copyFile, constants, link, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import { errorCode } from '../../lib/system-error.ts';
import { newerFailure, unreadableFailure, writeFailure, type Version } from './state-failures.ts';
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
 * The old content is kept as `<path>.prev`. Throws the error of the file system; the old content is then in place.
 * The caller sees to it that one path is written by one call at a time.
 */
export async function writeStateFile(path: string, data: unknown): Promise<void> {
  const temporary = temporaryPath(path);
  let kept: boolean;
  try {
    failpoint('state.write');
    await writeSynced(temporary, sealEnvelope(data));
    failpoint('state.synced');
    kept = await keepPrevious(path);
    failpoint('state.kept');
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
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
}

/**
 * Reads a state file. One that cannot be used is set aside as `<path>.corrupt-<time>` and the previous version takes
 * its place; with `repair: false` nothing on disk is touched.
 * Fails with STATE_UNREADABLE when neither version can be used (both stay where they are: a missing file would later
 * be read as "there is nothing"), and with STATE_NEWER when a newer stateward wrote it.
 */
export async function readStateFile(
  path: string,
  options: { readonly repair: boolean; readonly now: number },
): Promise<Result<Loaded, Failure>> {
  const current = await readVersion(path);
  if (current.kind === 'newer') return err(newerFailure(path, current.format));
  if (current.kind === 'data') return ok({ data: current.data, notice: null });
  const previousPath = `${path}${PREVIOUS_SUFFIX}`;
  const previous = await readVersion(previousPath);
  if (previous.kind === 'newer') return err(newerFailure(previousPath, previous.format));
  if (previous.kind === 'data') {
    const problem = current.kind === 'missing' ? 'it is missing' : current.message;
    if (!options.repair) return ok({ data: previous.data, notice: usedPrevious(path, problem) });
    const repaired = await repair(path, {
      data: previous.data,
      corrupt: current.kind === 'corrupt',
      now: options.now,
    });
    if (!repaired.ok) return repaired;
    return ok({ data: previous.data, notice: usedPrevious(path, problem) });
  }
  if (current.kind === 'missing' && previous.kind === 'missing') return ok({ data: undefined, notice: null });
  return err(unreadableFailure(path, [current, previous]));
}

/** Puts a file out of the way as `<path>.corrupt-<time>`, with its previous version. Missing files are fine. */
export async function setAside(path: string, now: number): Promise<void> {
  for (const candidate of [path, `${path}${PREVIOUS_SUFFIX}`]) {
    await rename(candidate, corruptPath(candidate, now)).catch(ignoreMissing);
  }
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

async function readVersion(path: string): Promise<Version> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'missing' };
    return { kind: 'corrupt', message: `it cannot be read (${errorCode(error) ?? String(error)})` };
  }
  const opened = openEnvelope(text);
  return opened.ok ? { kind: 'data', data: opened.value } : opened.error;
}

/** At no moment is the file missing: the bad one gets a second name, then is replaced. */
async function repair(
  path: string,
  found: { readonly data: unknown; readonly corrupt: boolean; readonly now: number },
): Promise<Result<void, Failure>> {
  const temporary = temporaryPath(path);
  try {
    if (found.corrupt) await linkOrCopy(path, corruptPath(path, found.now)).catch(ignoreExisting);
    await writeSynced(temporary, sealEnvelope(found.data));
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return ok(undefined);
  } catch (error) {
    return err(writeFailure(path, error));
  }
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
  await rename(linked, `${path}${PREVIOUS_SUFFIX}`);
  // rename() between two names of one file does nothing, and leaves both.
  await rm(linked, { force: true });
  return true;
}

/** Some file systems have no hard links. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(errorCode(error) ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    failpoint('state.written');
    await handle.sync();
  } finally {
    await handle.close();
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

function corruptPath(path: string, now: number): string {
  return `${path}.corrupt-${new Date(now).toISOString().replaceAll(':', '')}`;
}

function usedPrevious(path: string, problem: string): string {
  return `${path} could not be used (${problem}); its previous version was taken`;
}

function ignoreMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}

function ignoreExisting(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}
