import type { ApplyRequest } from '../../../api/contract/wire/apply.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { declare } from '../../../sources/declare/declare.ts';
import type { Asked, SourceRecord } from '../../../sources/model/record.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import { keepUnchanged } from './keep-unchanged.ts';
import type { ProjectSpec } from '../../../spec/types.ts';
import type { SourcesContext } from '../context.ts';
import type { Prepared, Refusal } from './provider.ts';

/** What a version declares, as it is applied. */
export interface DeclaredVersion {
  readonly request: ApplyRequest;
  readonly warnings: readonly Failure[];
  /** Absolute paths of the files that were read. */
  readonly read: readonly string[];
  /** Apps of which any change in the repository counts. */
  readonly broad: readonly AppKey[];
  /** That is so of all of them, as it is not declared what the build reads. */
  readonly buildReadsAll: boolean;
}

export interface UnreadVersion {
  readonly refusal: Refusal;
  readonly read: readonly string[];
}

/** Reads the ecosystem file of a version, in a process of its own. */
export async function declareVersion(
  { spec }: SourceRecord,
  prepared: Prepared,
  { by, asked }: { readonly by: string; readonly asked: Asked | null },
  context: SourcesContext,
): Promise<Result<DeclaredVersion, UnreadVersion>> {
  const { file, origin, release } = prepared;
  const { declareProgram: program, environment, clock } = context;
  const answer = await declare({ file, env: spec.environment, shown: file }, { program, environment, clock });
  const { read } = answer;
  if (!answer.ok) {
    const failures = release === null ? answer.failures : relocatedText(answer.failures, release.root);
    const [first = NOTHING_SAID, ...rest] = failures;
    return err({
      refusal: { stage: 'Valid', failures: [first, ...rest], passes: answer.passing === true },
      read,
    });
  }
  const named = answer.projects.map((project) => ofSource(project, spec.name, prepared));
  const { projects, broad } =
    release === null ? { projects: named, broad: [] } : await keepUnchanged(named, release, context);
  const request: ApplyRequest = {
    projects,
    prune: spec.prune,
    only: null,
    allowWipe: asked?.allowWipe === true,
    ...(asked?.takeOver === true && { takeOver: true }),
    basis: null,
    by,
    command: `source ${spec.name}`,
    ...(origin.commit !== undefined && {
      commits: Object.fromEntries(projects.map(({ project }) => [project, origin.commit ?? ''])),
    }),
  };
  return ok({ request, warnings: answer.warnings, read, broad, buildReadsAll: release?.inputs === null });
}

/** Of which apps any change in the repository counts, and what narrows it; null: of none. */
export function wholeTreeText({
  broad,
  buildReadsAll,
}: Pick<DeclaredVersion, 'broad' | 'buildReadsAll'>): string | null {
  if (broad.length === 0) return null;
  const way = buildReadsAll ? 'build.inputs says what the build reads' : 'code: [paths] narrows it';
  return `any change in the repository counts for ${broad.join(', ')} (${way})`;
}

const NOTHING_SAID: Failure = { code: 'INTERNAL', message: 'it cannot be read, and nothing says why' };

/** The project as it is of the source. One of a release that is called after its folder would be called after a commit. */
function ofSource(project: ProjectSpec, name: string, { origin, release }: Prepared): ProjectSpec {
  const source = { ...project.source, origin };
  const isOfCommit = release !== null && source.named !== true && project.project === release.commit;
  return { ...project, source, ...(isOfCommit && { project: name }) };
}

/** Places in a release are told as in the repository. */
function relocatedText(failures: readonly Failure[], root: string): readonly Failure[] {
  const text = JSON.stringify(failures);
  const folder = JSON.stringify(`${root}/`).slice(1, -1);
  return JSON.parse(text.replaceAll(folder, '')) as Failure[];
}
