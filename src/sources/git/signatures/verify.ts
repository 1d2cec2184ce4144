import { mkdir } from 'node:fs/promises';
import { isCommitHash, shortCommit } from '../../../lib/commit-hash.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { FetchedTag, Signers, Verified, VerifyRequest } from '../model.ts';
import { damagedCopy } from '../mirror/damaged-copy.ts';
import type { Git } from '../program/git.ts';
import { openpgpChecks } from './openpgp-signature.ts';
import { unusable } from './read-signers.ts';
import type { SignatureCheck, Signer } from './signature.ts';
import { signedCommit, signedTag, tagHead, type SignedObject } from './signed-object.ts';
import { invalid, sshChecks } from './ssh-signature.ts';

export interface VerifyContext {
  readonly git: Git;
  readonly dir: string;
  readonly scratch: string;
  /** Reads an object of the mirror; null: it is not there, or damaged. */
  readObject(type: 'commit' | 'tag', id: string): Promise<Buffer | null>;
}

/** More commits than this at once are not looked at one by one: the newest state is checked by hand, and taken as known. */
const MAX_COMMITS = 20_000;
/** Programs that check at the same time. */
const AT_ONCE = 2;

/** See Repository.verify. */
export async function verifyCommit(
  context: VerifyContext,
  commit: string,
  request: VerifyRequest,
): Promise<Result<Verified, Failure>> {
  await mkdir(context.scratch, { recursive: true, mode: 0o700 });
  const checks = new Checks(context, request.signers);
  try {
    switch (request.mode) {
      case 'head':
        return counted(await checks.commit(commit), 1);
      case 'tag':
        return counted(await checkTag(context, checks, { commit, tag: request.tag }), 1);
      case 'all':
        return await checkAll(context, checks, { commit, since: request.since });
    }
  } finally {
    await checks.close();
  }
}

function counted(result: Result<Signer, Failure>, checked: number): Result<Verified, Failure> {
  return result.ok ? ok({ ...result.value, checked }) : result;
}

/** The programs that check, each begun when the first signature of its kind comes. */
class Checks {
  readonly #context: VerifyContext;
  readonly #signers: Signers;
  readonly #begun = new Map<'ssh' | 'openpgp', Promise<Result<SignatureCheck, Failure>>>();

  constructor(context: VerifyContext, signers: Signers) {
    this.#context = context;
    this.#signers = signers;
  }

  async commit(commit: string): Promise<Result<Signer, Failure>> {
    const what = `commit ${shortCommit(commit)}`;
    const raw = await this.#context.readObject('commit', commit);
    return raw === null ? err(damagedCopy(what)) : this.check(what, signedCommit(raw));
  }

  async check(
    what: string,
    { payload, signature, ambiguous }: SignedObject,
  ): Promise<Result<Signer, Failure>> {
    if (signature === null) return err(unsigned(what));
    if (ambiguous) return err(invalid(what, 'it has more than one signature'));
    const text = signature.toString('latin1', 0, 64);
    const kind = text.startsWith('-----BEGIN SSH SIGNATURE') ? 'ssh' : 'openpgp';
    if (!/^-----BEGIN (?:SSH SIGNATURE|PGP SIGNATURE|PGP MESSAGE)-----/.test(text)) {
      return err(
        invalid(
          what,
          'its signature is neither of ssh nor of OpenPGP, and no other is checked (X.509 is not)',
        ),
      );
    }
    const checks = await this.#begin(kind);
    return checks.ok ? checks.value.check({ what, payload, signature }) : checks;
  }

  #begin(kind: 'ssh' | 'openpgp'): Promise<Result<SignatureCheck, Failure>> {
    const { scratch, git } = this.#context;
    const context = { signers: this.#signers, scratch, env: git.env };
    const begun = this.#begun.get(kind) ?? (kind === 'ssh' ? sshChecks(context) : openpgpChecks(context));
    this.#begun.set(kind, begun);
    return begun;
  }

  async close(): Promise<void> {
    for (const begun of this.#begun.values()) {
      const checks = await begun;
      if (checks.ok) await checks.value.close();
    }
  }
}

async function checkTag(
  context: VerifyContext,
  checks: Checks,
  { commit, tag }: { readonly commit: string; readonly tag: FetchedTag | null },
): Promise<Result<Signer, Failure>> {
  if (tag === null)
    return err(
      unusable(
        'verify.mode: tag needs a source that follows tags',
        'follow a tag or a range (ref), or verify commits: mode: head',
      ),
    );
  const what = `tag ${tag.name}`;
  if (tag.object === null) {
    return err({
      code: 'NOT_SIGNED',
      message: `${what} is not accepted: it is a lightweight tag, which cannot be signed`,
      hint: 'make it anew with git tag -s',
    });
  }
  const raw = await context.readObject('tag', tag.object);
  if (raw === null) return err(damagedCopy(what));
  const head = tagHead(raw);
  const result = await checks.check(what, signedTag(raw));
  if (!result.ok) return result;
  // The name of a ref is not signed: an old tag could otherwise be shown under a new name.
  if (head.name !== tag.name) {
    return err({
      code: 'SIGNATURE_OTHER_USE',
      message: `${what} is not accepted: what is signed is the tag ${JSON.stringify(head.name.slice(0, 100))}`,
      hint: 'somebody has given a signed tag another name: have the tag made anew',
    });
  }
  if (head.type !== 'commit' || head.object !== commit) {
    return err({
      code: 'SIGNATURE_OTHER_USE',
      message: `${what} is not accepted: what is signed leads to ${shortCommit(head.object)}, and not to commit ${shortCommit(commit)}`,
      hint: 'have the tag made anew, on the commit itself',
    });
  }
  return result;
}

async function checkAll(
  { git, dir }: VerifyContext,
  checks: Checks,
  { commit, since }: { readonly commit: string; readonly since: string | null },
): Promise<Result<Verified, Failure>> {
  let commits: readonly string[] = [commit];
  if (since !== null && since !== commit) {
    // Where it was pushed away and is not here any more, nothing says which commits are new: then all of them are.
    const known = await git.run({ args: ['cat-file', '-e', `${since}^{commit}`] }, dir);
    const args = [
      'rev-list',
      '--topo-order',
      '--reverse',
      `--max-count=${MAX_COMMITS + 1}`,
      commit,
      ...(known.code === 0 ? [`^${since}`] : []),
      '--',
    ];
    const listed = await git.run({ args }, dir);
    if (listed.code !== 0)
      return err(damagedCopy(`the history from ${shortCommit(since)} to ${shortCommit(commit)}`));
    commits = listed.stdout.toString('latin1').split('\n').filter(isCommitHash);
    if (commits.length > MAX_COMMITS) {
      return err(
        unusable(
          `more than ${MAX_COMMITS} commits came at once`,
          'check the newest by hand, and sync to it with mode: head first',
        ),
      );
    }
    // It lies in the history that was verified.
    if (commits.length === 0) commits = [commit];
  }
  let last: Signer | null = null;
  for (let at = 0; at < commits.length; at += AT_ONCE) {
    const results = await Promise.all(commits.slice(at, at + AT_ONCE).map((one) => checks.commit(one)));
    for (const result of results) {
      if (!result.ok) return result;
      last = result.value;
    }
  }
  return last === null
    ? err(damagedCopy(`commit ${shortCommit(commit)}`))
    : ok({ ...last, checked: commits.length });
}

function unsigned(what: string): Failure {
  return {
    code: 'NOT_SIGNED',
    message: `${what} is not accepted: it is not signed`,
    hint: 'sign it (git commit -S, git tag -s) and push it again, or correct verify.mode',
  };
}
