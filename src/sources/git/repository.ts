import { isCommitHash, shortCommit } from '../../lib/commit-hash.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { damagedCopy } from './mirror/damaged-copy.ts';
import { inTurn } from '../processes/in-turn.ts';
import { fetchRef } from './mirror/fetch-ref.ts';
import { isThere, markSuspect, mirrorPlaces, removeMirror } from './mirror/mirror.ts';
import type { CommitDescription, Repository, RepositoryOptions } from './model.ts';
import { readNote, writeNote } from './notes/notes.ts';
import { failed } from './program/fetch-failures.ts';
import { Git } from './program/git.ts';
import { verifyCommit } from './signatures/verify.ts';
import { exportTree } from './trees/export-tree.ts';

const MAX_LINE = 200;
const MAX_OBJECT_BYTES = 16 * 1024 * 1024;

/** Opens the mirror of a repository; nothing is made or fetched before the first fetch. */
export function openRepository(options: RepositoryOptions): Repository {
  const places = mirrorPlaces(options.dir);
  const { dir, scratch } = places;
  const git = new Git(scratch, options.env);

  const has = async (...objects: readonly string[]): Promise<boolean> => {
    if (objects.length === 0 || !objects.every(isCommitHash)) return false;
    const input = objects.map((object) => `${object}^{tree}\n`).join('');
    const { code, stdout } = await git.run({ args: ['cat-file', '--batch-check'], input }, dir);
    return (
      code === 0 &&
      stdout
        .toString('latin1')
        .split('\n')
        .filter((line) => / tree \d+$/.test(line)).length === objects.length
    );
  };
  const damaged = async (what: string): Promise<Result<never, Failure>> => {
    await markSuspect(places);
    return err(damagedCopy(what));
  };
  /** A failure that says that our copy is damaged is one that the next fetch has to know of. */
  const noted = async <T>(result: Result<T, Failure>): Promise<Result<T, Failure>> => {
    if (!result.ok && result.error.code === 'FETCH_FAILED') await markSuspect(places);
    return result;
  };
  const present = async (commit: string): Promise<Failure | null> =>
    (await has(commit)) ? null : notHere(commit);

  return {
    async fetch(request) {
      if (!git.isThere) {
        const words = 'there is no git on PATH';
        return err(failed(options, { why: 'no-git', words, hint: 'install git, then restart the daemon' }));
      }
      return inTurn(dir, () => fetchRef({ ...options, git, places, has }, request));
    },
    remove: () => inTurn(dir, () => removeMirror(places)),
    has: async (commit) => !(await isThere(places.suspect)) && (await has(commit)),
    async describeCommit(commit) {
      const missing = await present(commit);
      if (missing !== null) return err(missing);
      const args = [
        'show',
        '-s',
        '--no-show-signature',
        '--format=%s%x00%an <%ae>%x00%ct',
        '--end-of-options',
        commit,
        '--',
      ];
      const shown = await git.run({ args, maxOutput: MAX_OBJECT_BYTES }, dir);
      return shown.code === 0
        ? ok(described(commit, shown.stdout))
        : damaged(`commit ${shortCommit(commit)}`);
    },
    verify: async (commit, request) =>
      noted(
        await verifyCommit(
          {
            ...{ git, dir, scratch },
            async readObject(type, id) {
              const read = await git.run({ args: ['cat-file', type, id], maxOutput: MAX_OBJECT_BYTES }, dir);
              return read.code === 0 ? read.stdout : null;
            },
          },
          commit,
          request,
        ),
      ),
    readNote: (request) => readNote({ ...options, git, places }, request),
    writeNote: (request) => writeNote({ ...options, git, places }, request),
    async treeHash(commit, path) {
      const missing = await present(commit);
      if (missing !== null) return err(missing);
      const name = path === '' ? `${commit}^{tree}` : `${commit}:${path.replace(/\/+$/, '')}`;
      const read = await git.run(
        { args: ['rev-parse', '--verify', '--quiet', '--end-of-options', name] },
        dir,
      );
      const hash = read.stdout.toString('latin1').trim();
      return ok(read.code === 0 && isCommitHash(hash) ? hash : null);
    },
    async exportTo(commit, folder, bounds, signal) {
      const missing = await present(commit);
      if (missing !== null) return err(missing);
      return noted(await exportTree({ git, dir, scratch }, { commit, folder, bounds, signal }));
    },
  };
}

function described(commit: string, output: Buffer): CommitDescription {
  const [subject = '', author = '', at = ''] = output.toString('utf8').split('\0');
  const clean = (text: string): string => text.replaceAll(/\p{C}/gu, ' ').trim().slice(0, MAX_LINE);
  return { commit, subject: clean(subject), author: clean(author), at: Number(at.trim()) * 1000 };
}

function notHere(commit: string): Failure {
  return {
    code: 'NOT_FOUND',
    message: `there is no commit ${isCommitHash(commit) ? shortCommit(commit) : JSON.stringify(commit.slice(0, 80))} in the copy of the repository`,
    hint: 'name its whole hash; stateward source sync fetches what is new',
  };
}
