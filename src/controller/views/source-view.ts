import type { AppSourceInfo } from '../../api/contract/wire/sources/app-source.ts';
import { releaseOf } from '../../spec/release-paths.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { ProjectRecord } from '../../state/model/types.ts';

/** What is wrong with a source, in one line; null: nothing. */
export type SourceProblem = (source: string) => string | null;

/** The source that declares an app, with the commit that it runs from. */
export function viewAppSource(
  project: Pick<ProjectRecord, 'source'> | undefined,
  spec: AppSpec,
  problemOf: SourceProblem | undefined,
): { readonly source?: AppSourceInfo } {
  const origin = project?.source.origin;
  if (project === undefined || origin === undefined) return {};
  const commit = releaseOf(project.source, spec)?.commit ?? origin.commit ?? null;
  return { source: { name: origin.source, commit, problem: problemOf?.(origin.source) ?? null } };
}
