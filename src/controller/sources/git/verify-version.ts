import type { Failure } from '../../../lib/failure.ts';
import type { Repository, VerifyRequest } from '../../../sources/git/model.ts';
import type { SourceRecord, Version } from '../../../sources/model/record.ts';
import type { GitOrigin } from '../../../sources/model/source.ts';
import type { SourcesContext } from '../context.ts';
import type { Provider, Refusal } from '../work/provider.ts';

/** Whether a version is signed as the source wants it, before anything of it is read. null: it may be brought in. */
export async function verifyVersion({
  repository,
  record,
  version,
  from,
  git,
  passed,
}: {
  readonly repository: Repository;
  readonly record: SourceRecord;
  readonly version: Version;
  readonly from: GitOrigin;
  readonly git: SourcesContext['git'];
  readonly passed: Parameters<Provider['prepare']>[2];
}): Promise<Refusal | null> {
  if (from.verify === null) return null;
  const { mode } = from.verify;
  const refuse = (failure: Failure): Refusal => ({
    stage: 'Verified',
    failures: [plainFailure(failure)],
    // What is wrong with this host, or with our copy, says nothing of the commit.
    passes: failure.code === 'SIGNERS_UNUSABLE' || failure.code === 'FETCH_FAILED',
  });
  const signers = await git.readSigners(from.verify.signers, from.verify.revokedFile);
  if (!signers.ok) return refuse(signers.error);
  const request: VerifyRequest =
    mode === 'head'
      ? { mode, signers: signers.value }
      : mode === 'tag'
        ? { mode, signers: signers.value, tag: version.tag ?? null }
        : { mode, signers: signers.value, since: verifiedBefore(record) };
  const verified = await repository.verify(version.id, request);
  if (!verified.ok) return refuse(verified.error);
  const { signer, key, checked } = verified.value;
  passed('Verified', `signed by ${signer} (${key})${checked > 1 ? `, ${checked} signatures` : ''}`);
  return null;
}

/** The commit up to which every one is known to be signed. */
function verifiedBefore({ taken, lastGood }: SourceRecord): string | null {
  return taken?.id ?? lastGood?.id ?? null;
}

/** What of a failure is kept and shown. */
export function plainFailure({ code, message, hint, details }: Failure): Failure {
  return { code, message, ...(hint !== undefined && { hint }), ...(details !== undefined && { details }) };
}
