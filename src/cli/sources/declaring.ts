import type { SourceSpec } from '../../sources/model/source.ts';
import { listReading } from '../items/list-reading.ts';
import type { CliContext } from '../session/context.ts';
import { unwrap } from '../session/failures.ts';

/** Reads files that declare sources; every error in them is thrown at once. */
export async function readSourceFiles(
  files: readonly string[],
  context: CliContext,
): Promise<readonly SourceSpec[]> {
  const { readSources } = await import('../../config/sources/read-sources.ts');
  return unwrap(await readSources(files, listReading(context)));
}
