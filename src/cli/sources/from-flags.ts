import type { SourceSpec, SyncMode } from '../../sources/model/source.ts';
import { listReading } from '../items/list-reading.ts';
import type { CliContext } from '../session/context.ts';
import { unwrap, usageError } from '../session/failures.ts';

export interface SourceFlags {
  readonly follow: string | undefined;
  readonly git: string | undefined;
  readonly branch: string | undefined;
  readonly path: string | undefined;
  readonly env: string | undefined;
  readonly sync: SyncMode | undefined;
}

/** One source as flags declare it, checked as one of a file is. Throws. */
export async function sourceFromFlags(
  name: string,
  flags: SourceFlags,
  context: CliContext,
): Promise<SourceSpec> {
  const { follow, git, branch, path, env, sync } = flags;
  if (follow === undefined && git === undefined) {
    throw usageError('say where the source is', '--git URL, or --follow FILE');
  }
  const written = {
    sources: [
      {
        name,
        ...(follow !== undefined && { follow }),
        ...(git !== undefined && { git }),
        ...(branch !== undefined && { ref: { branch } }),
        ...(path !== undefined && { path }),
        ...(env !== undefined && { environment: env }),
        ...(sync !== undefined && { sync }),
      },
    ],
  };
  const { readSources } = await import('../../config/sources/read-sources.ts');
  const [spec] = unwrap(
    await readSources(['-'], {
      ...listReading(context),
      // What is written here is not expanded again: the shell has done that.
      readStdin: () => Promise.resolve(JSON.stringify(written).replaceAll('$', '$$$$')),
    }),
  );
  if (spec === undefined) throw new Error('a source that is declared by flags');
  return spec;
}
