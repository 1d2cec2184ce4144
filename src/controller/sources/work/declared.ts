import type { ApplyRequest } from '../../../api/contract/wire/apply.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { declare } from '../../../sources/declare/declare.ts';
import type { Asked, SourceRecord } from '../../../sources/model/record.ts';
import type { SourcesContext } from '../context.ts';
import type { Prepared, Refusal } from './provider.ts';

/** What a version declares, as it is applied. */
export interface DeclaredVersion {
  readonly request: ApplyRequest;
  readonly warnings: readonly Failure[];
  /** Absolute paths of the files that were read. */
  readonly read: readonly string[];
}

export interface UnreadVersion {
  readonly refusal: Refusal;
  readonly read: readonly string[];
}

/** Reads the ecosystem file of a version, in a process of its own. */
export async function declareVersion(
  { spec }: SourceRecord,
  { file, origin }: Prepared,
  { by, asked }: { readonly by: string; readonly asked: Asked | null },
  { declareProgram, environment, clock }: SourcesContext,
): Promise<Result<DeclaredVersion, UnreadVersion>> {
  const answer = await declare(
    { file, env: spec.environment, shown: file },
    { program: declareProgram, environment, clock },
  );
  const { read } = answer;
  if (!answer.ok) {
    const [first = NOTHING_SAID, ...rest] = answer.failures;
    return err({ refusal: { stage: 'Valid', failures: [first, ...rest], passes: false }, read });
  }
  const projects = answer.projects.map((project) => ({ ...project, source: { ...project.source, origin } }));
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
  return ok({ request, warnings: answer.warnings, read });
}

const NOTHING_SAID: Failure = { code: 'INTERNAL', message: 'it cannot be read, and nothing says why' };
