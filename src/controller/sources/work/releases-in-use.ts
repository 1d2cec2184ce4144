import { join, sep } from 'node:path';
import type { SourceRecord } from '../../../sources/model/record.ts';
import { splitAppKey } from '../../../lib/app-key.ts';
import type { SourcesContext } from '../context.ts';

const COMMIT = /^[0-9a-f]{40,64}/;

/**
 * Commits of a source that something refers to: what is desired, what it would go back to, what runs, what was good last.
 */
export async function releasesInUse(
  { head, applied, attempted, lastGood }: SourceRecord,
  dir: string,
  { store, instances }: Pick<SourcesContext, 'store' | 'instances'>,
): Promise<ReadonlySet<string>> {
  const known = [head, applied, attempted, lastGood].flatMap((version) =>
    version === null ? [] : [version.id],
  );
  const revisions = new Map(
    instances().map(({ key, revision }) => [`${splitAppKey(key).project} ${revision}`, { key, revision }]),
  );
  const running = await Promise.all(
    [...revisions.values()].map(async ({ key, revision }) => {
      const found = await store.revision(splitAppKey(key).project, revision);
      return found.ok ? found.value.spec : null;
    }),
  );
  return new Set([...known, ...commitsNamed([...store.records().values(), ...running], dir)]);
}

/** The commits whose folders are named anywhere in a value. */
function commitsNamed(value: unknown, dir: string): readonly string[] {
  const beginning = join(dir, sep);
  const text = JSON.stringify(value);
  const found: string[] = [];
  for (let at = text.indexOf(beginning); at !== -1; at = text.indexOf(beginning, at + 1)) {
    const [commit] = COMMIT.exec(text.slice(at + beginning.length, at + beginning.length + 64)) ?? [];
    if (commit !== undefined) found.push(commit);
  }
  return found;
}
