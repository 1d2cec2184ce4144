import { shortCommit } from '../../../lib/commit-hash.ts';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import type { ProgramResult } from '../../processes/run-program.ts';
import { damagedCopy } from '../mirror/damaged-copy.ts';
import type { Exported, TreeBounds, TreeEntry } from '../model.ts';
import type { Git } from '../program/git.ts';
import { caseClashes, linkProblem, treeProblem } from './check-tree.ts';
import { MAX_LINK_BYTES } from './links.ts';
import { readTree } from './list-tree.ts';
import { shownPath } from './path-name.ts';
import { readBlobs } from './read-blobs.ts';

export interface ExportContext {
  readonly git: Git;
  readonly dir: string;
  readonly scratch: string;
}

export interface ExportRequest {
  readonly commit: string;
  readonly folder: string;
  readonly bounds: TreeBounds;
  readonly signal?: AbortSignal | undefined;
}

/** Nothing that a repository says of its files changes what is written: no filter, no line ends, no export-subst. */
const NO_ATTRIBUTES =
  '* -text -crlf -eol -ident -filter -working-tree-encoding -export-ignore -export-subst -diff -merge\n';
const EXPORT_MS = 10 * 60_000;
/** Of the list of files alone. */
const MAX_LIST_BYTES = 512 * 1024 * 1024;
const MAX_ATTRIBUTES_FILES = 100;

/** See Repository.exportTo: the whole tree is checked before the first file is written. */
export async function exportTree(
  context: ExportContext,
  request: ExportRequest,
): Promise<Result<Exported, Failure>> {
  const { git, dir } = context;
  const { commit, folder, bounds, signal } = request;
  const listed = await git.run({ args: listArgs(commit), maxOutput: MAX_LIST_BYTES, signal }, dir);
  if (listed.ended === 'too-big') return err(tooManyFiles());
  if (listed.code !== 0) return err(damagedCopy(`the files of commit ${shortCommit(commit)}`));
  const tree = await readTree(listed);
  const problem = await treeProblem(tree, bounds, { foldsCase: process.platform === 'darwin' });
  if (problem !== null) return err(problem);
  const { entries } = tree;
  const ofLinks = await checkLinks(context, entries);
  if (ofLinks !== null) return err(ofLinks);
  const written = await checkOut(context, request);
  if (written !== null) {
    const isFull = written.code === 'RELEASE_FAILED' && (await leavesNoRoom(folder, entries));
    await rm(folder, { recursive: true, force: true });
    return err(isFull ? writeFailure('the disk is full') : written);
  }
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  return ok({ files: entries.length, bytes, entries, warnings: await warningsOf(context, entries) });
}

function listArgs(commit: string): readonly string[] {
  return ['ls-tree', '-r', '-z', '-l', '--full-tree', commit];
}

async function checkLinks(
  { git, dir }: ExportContext,
  entries: readonly TreeEntry[],
): Promise<Failure | null> {
  const links = entries.filter(({ kind }) => kind === 'link');
  const long = links.find(({ size }) => size > MAX_LINK_BYTES);
  if (long !== undefined) return linkProblem(new Map([[long.path, Buffer.alloc(MAX_LINK_BYTES + 1)]]));
  const maxBytes = links.length * (MAX_LINK_BYTES + 200);
  const targets = await readBlobs(git, dir, { ids: links.map(({ id }) => id), maxBytes });
  if (targets === null) return damagedCopy('a link');
  return linkProblem(new Map(links.map(({ path, id }) => [path, targets.get(id) ?? Buffer.alloc(0)])));
}

/** By git itself, with an index of its own: it is fast, and looks at every path once more. */
async function checkOut(
  { git, dir, scratch }: ExportContext,
  { commit, folder, signal }: ExportRequest,
): Promise<Failure | null> {
  const index = join(scratch, `index-${randomUUID()}`);
  try {
    await mkdir(join(dir, 'info'), { recursive: true });
    await writeFile(join(dir, 'info/attributes'), NO_ATTRIBUTES);
    await mkdir(folder);
    const run = (args: readonly string[]): Promise<ProgramResult> =>
      git.run(
        {
          args: [`--work-tree=${folder}`, ...args],
          settings: ['core.bare=false'],
          env: { GIT_INDEX_FILE: index },
          totalMs: EXPORT_MS,
          signal,
        },
        dir,
      );
    const read = await run(['read-tree', commit]);
    if (read.code !== 0) return refused(read);
    const written = await run(['checkout-index', '--all', '--quiet']);
    return written.code === 0 ? null : refused(written);
  } catch (error) {
    return writeFailure(errorCode(error) === 'EEXIST' ? `${folder} is in the way` : errorMessage(error));
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

const MIN_FREE_BYTES = 1024 * 1024;

/** Git says which files could not be written, and not why. */
async function leavesNoRoom(folder: string, entries: readonly TreeEntry[]): Promise<boolean> {
  const largest = entries.reduce((most, { size }) => Math.max(most, size), MIN_FREE_BYTES);
  const space = await statfs(dirname(folder)).catch(() => null);
  return space !== null && space.bavail * space.bsize < largest;
}

function refused({ stderr, ended }: ProgramResult): Failure {
  if (ended === 'cancelled') return writeFailure('it was cancelled');
  if (ended !== null) return writeFailure('it took too long');
  const said = stderr.replaceAll(/\p{C}/gu, ' ').trim();
  if (/No space left|quota exceeded/i.test(said)) return writeFailure('the disk is full');
  if (/invalid path|is beyond a symbolic link/i.test(said)) {
    return {
      code: 'RELEASE_UNSAFE',
      message: `cannot make a release of this commit: git refuses a path of it: ${shownPath(said)}`,
      hint: 'remove it from the repository; nothing of the commit was kept',
    };
  }
  if (/unable to read|bad object|missing|corrupt|inflate|not a tree|failed to unpack tree/i.test(said)) {
    return damagedCopy('a file');
  }
  // Git says of each file that it could not be written, and of none why.
  const [first = 'git ended without a word'] = stderr.split('\n').filter((line) => line.trim() !== '');
  return writeFailure(first.replaceAll(/\p{C}/gu, ' ').slice(0, 300));
}

function tooManyFiles(): Failure {
  return {
    code: 'RELEASE_UNSAFE',
    message: 'cannot make a release of this commit: the list of its files is too long to be read',
    hint: 'keep builds, media and data out of the repository',
  };
}

function writeFailure(words: string): Failure {
  return {
    code: 'RELEASE_FAILED',
    message: `cannot write the release: ${words}`,
    hint: 'free some space, or mend what the message says; it is tried again by itself',
  };
}

const MAX_NAMED = 3;

async function warningsOf(
  { git, dir }: ExportContext,
  entries: readonly TreeEntry[],
): Promise<readonly string[]> {
  const warnings: string[] = [];
  const submodules = entries.filter(({ kind }) => kind === 'submodule').map(({ path }) => path);
  if (submodules.length > 0)
    warnings.push(`${namesOf(submodules)}: submodules are left out, their folders are empty`);
  const clashing = await caseClashes(entries);
  if (clashing.length > 0) warnings.push(`${namesOf(clashing)}: paths that differ in their case alone`);
  const attributes = entries
    .filter(
      ({ path, kind, size }) =>
        kind === 'file' && size < 1024 * 1024 && /(?:^|\/)\.gitattributes$/.test(path),
    )
    .slice(0, MAX_ATTRIBUTES_FILES);
  const blobs = await readBlobs(git, dir, {
    ids: attributes.map(({ id }) => id),
    maxBytes: 2 * MAX_ATTRIBUTES_FILES * 1024 * 1024,
  });
  if ([...(blobs?.values() ?? [])].some((blob) => /^[^#\n]*\sfilter=lfs\b/m.test(blob.toString('latin1')))) {
    warnings.push('it uses Git LFS, whose files are not fetched: what is there are pointers to them');
  }
  return warnings;
}

function namesOf(paths: readonly string[]): string {
  const more = paths.length - MAX_NAMED;
  return `${paths.slice(0, MAX_NAMED).map(shownPath).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
