import { isCommitHash, shortCommit } from '../../../lib/commit-hash.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';

const BEGINNING = /^[0-9a-f]{4,64}$/;
const LISTED = 8;

/** The version that somebody names by its beginning, among those that are known, or in full; null: the newest. */
export function wantedVersion(record: SourceRecord, given: string | null): Result<string | null, Failure> {
  if (given === null) return ok(null);
  const { name, from } = record.spec;
  if (from.kind === 'follow') {
    const message = `source ${name} follows a file, which has no commits`;
    return err({ code: 'USAGE', message, hint: 'leave --commit out' });
  }
  const known = knownVersions(record);
  const found = BEGINNING.test(given) ? known.filter((id) => id.startsWith(given)) : [];
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return ok(only);
  if (isCommitHash(given)) return ok(given);
  const message =
    only === undefined
      ? `${JSON.stringify(given)} is no commit that source ${name} has seen`
      : `${JSON.stringify(given)} can be ${found.map(shortCommit).join(' or ')}`;
  const seen = known.slice(0, LISTED).map(shortCommit);
  const hint = `write the whole hash${seen.length === 0 ? '' : `, or one of ${seen.join(', ')}`}`;
  return err({ code: 'USAGE', message, hint });
}

function knownVersions({ head, applied, lastGood, history, quarantined }: SourceRecord): readonly string[] {
  const single = [head, applied, lastGood].flatMap((version) => (version === null ? [] : [version.id]));
  return [...new Set([...single, ...history.map(({ id }) => id), ...quarantined.map(({ id }) => id)])].filter(
    (id) => id !== '',
  );
}
