import { isCommitHash, shortCommit } from '../../../lib/commit-hash.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { inTurn } from '../../processes/in-turn.ts';
import type { ProgramResult } from '../../processes/run-program.ts';
import { isThere, MIRROR_VARIABLE, sizeOf } from '../mirror/mirror.ts';
import { asked, listRemote, type TransferContext } from '../mirror/transfer.ts';
import type { FetchFailure, NoteRequest, NoteEdit } from '../model.ts';
import { authProblem } from '../program/auth-files.ts';
import { fetchFailure } from '../program/fetch-failures.ts';

const LIMIT_MS = 60_000;
const MAX_NOTE_BYTES = 1024 * 1024;
/** Others may write at the same time; each time around, one of them gets on. */
const TRIES = 8;

type NotesContext = Omit<TransferContext, 'deadline' | 'signal'>;

/** What the remote holds in the note of a commit; empty: nothing. */
export function readNote(
  context: NotesContext,
  { commit, ref, signal }: NoteRequest,
): Promise<Result<string, FetchFailure>> {
  const { dir } = context.places;
  const transfers = withLimit(context, signal);
  return inTurn(dir, async () => {
    if (!(await isThere(dir))) return ok('');
    const problem = await authProblem(context.remote, context.auth);
    if (problem !== null) return err(problem);
    const fetched = await fetchNotes(transfers, ref);
    return fetched === null
      ? ok((await shown(context, { commit, ref })) ?? '')
      : err(fetchFailure(fetched, transfers));
  });
}

/**
 * Changes the note of a commit at the remote. What others have written there stays: nothing is pushed by force, and who
 * comes second begins again with what the first has pushed.
 */
export function writeNote(
  context: NotesContext,
  { commit, ref, signal, edit, by }: NoteEdit,
): Promise<Result<void, Failure>> {
  const { dir } = context.places;
  const transfers = withLimit(context, signal);
  return inTurn(dir, async () => {
    const problem = await authProblem(context.remote, context.auth);
    if (problem !== null) return err(problem);
    let last: ProgramResult | null = null;
    for (let tries = 0; tries < TRIES; tries++) {
      const fetched = await fetchNotes(transfers, ref);
      if (fetched !== null) return err(notPushed(fetched, transfers, ref));
      const before = await shown(context, { commit, ref });
      if (before === null) return err(unreadable(commit, ref));
      const after = edit(before);
      if (after === before) return ok(undefined);
      const added = await context.git.run(
        {
          args: ['notes', `--ref=${ref}`, 'add', '--force', '--file=-', commit],
          input: after,
          env: identity(by),
        },
        dir,
      );
      if (added.code !== 0) return err(notPushed(added, transfers, ref));
      const flags = ['--quiet', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', '--no-signed'];
      last = await asked(
        transfers,
        {
          args: ['push', ...flags, '--', context.remote.url, `${ref}:${ref}`],
          env: { [MIRROR_VARIABLE]: dir },
        },
        dir,
      );
      if (last.code === 0) return ok(undefined);
      if (!isOvertaken(last)) break;
    }
    if (last === null) throw new Error('a note that nobody has tried to push');
    return err(notPushed(last, transfers, ref));
  });
}

function withLimit(context: NotesContext, signal: AbortSignal | undefined): TransferContext {
  const totalMs = Math.min(LIMIT_MS, context.limits.totalMs);
  const limits = { ...context.limits, totalMs };
  return { ...context, limits, signal, deadline: performance.now() + totalMs };
}

/** Has here what the remote has; what was not pushed is forgotten. Gives what git said when it cannot. */
async function fetchNotes(context: TransferContext, ref: string): Promise<ProgramResult | null> {
  const { git, places, remote, limits } = context;
  const listed = await listRemote(context, [ref]);
  if (listed.code !== 0) return listed;
  const [there = ''] = listed.stdout.toString('latin1').split('\t');
  if (!isCommitHash(there)) {
    await git.run({ args: ['update-ref', '-d', ref] }, places.dir);
    return null;
  }
  const here = await git.run({ args: ['rev-parse', '--verify', '--quiet', ref] }, places.dir);
  if (here.stdout.toString('latin1').trim() === there) return null;
  const flags = ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--force'];
  const fetched = await asked(
    context,
    {
      args: ['fetch', ...flags, '--', remote.url, `+${ref}:${ref}`],
      env: { [MIRROR_VARIABLE]: places.dir },
      watch: async () => ((await sizeOf(places.dir)) > limits.maxBytes ? 'too-big' : null),
    },
    places.dir,
  );
  return fetched.code === 0 ? null : fetched;
}

/** What stands in the note; null: it cannot be read, or is larger than any that hosts write. */
async function shown(
  { git, places }: Pick<NotesContext, 'git' | 'places'>,
  { commit, ref }: Pick<NoteRequest, 'commit' | 'ref'>,
): Promise<string | null> {
  const { code, stdout, stderr } = await git.run(
    { args: ['notes', `--ref=${ref}`, 'show', commit], maxOutput: MAX_NOTE_BYTES },
    places.dir,
  );
  if (code === 0) return stdout.toString('utf8');
  return code === 1 && /no note found/i.test(stderr) ? '' : null;
}

/** Somebody else has pushed meanwhile. */
function isOvertaken({ stderr }: ProgramResult): boolean {
  return /non-fast-forward|fetch first|cannot lock ref|incorrect old value|failed to update ref|reference already exists/i.test(
    stderr,
  );
}

function identity(by: string): Readonly<Record<string, string>> {
  const name = by.replaceAll(/[\p{C}<>]/gu, '').slice(0, 100) || 'stateward';
  const mail = `stateward@${name.replaceAll(/[^A-Za-z0-9.-]/g, '-')}`;
  return {
    GIT_AUTHOR_NAME: `stateward on ${name}`,
    GIT_AUTHOR_EMAIL: mail,
    GIT_COMMITTER_NAME: `stateward on ${name}`,
    GIT_COMMITTER_EMAIL: mail,
  };
}

function notPushed(result: ProgramResult, context: NotesContext, ref: string): Failure {
  const { message, details } = fetchFailure(result, context);
  return {
    code: 'NOTE_NOT_PUSHED',
    message: message
      .replace(/^cannot fetch /, `cannot push ${ref} to `)
      .replace(/git ended with code \d+$/, 'the server refuses it'),
    hint: `give the key or token of auth the right to push ${ref}; it is tried again by itself, and hosts that wait for this one wait on`,
    ...(details !== undefined && { details }),
  };
}

/** What others have written is not written over. */
function unreadable(commit: string, ref: string): Failure {
  return {
    code: 'NOTE_NOT_PUSHED',
    message: `the note of commit ${shortCommit(commit)} in ${ref} cannot be read, or is too large`,
    hint: `look at it in a clone, and remove it there: git notes --ref=${ref} remove ${commit}`,
  };
}
