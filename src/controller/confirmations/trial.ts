import type { TrialInfo } from '../../api/contract/wire/guards/confirmations.ts';
import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { Fact, ProjectRecord } from '../../state/model/types.ts';
import type { Preview } from '../apply/preview.ts';
import { toRfc3339 } from '../views/wire-values.ts';

type Asked = Extract<Fact, { kind: 'confirmation-asked' }>;

export interface TrialContext {
  readonly request: Pick<ApplyRequest, 'confirmWithinMs' | 'by'>;
  /** The desired state before. */
  readonly records: Projects;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * The facts that put on trial what an apply declares anew. What is on trial already goes back, when it is not confirmed,
 * to where it would have gone before. CONFLICT where the way back would not be one.
 */
export function trialFacts(
  { projects, candidate }: Pick<Preview, 'projects' | 'candidate'>,
  { request: { confirmWithinMs, by }, records, now }: TrialContext,
): Result<readonly Asked[], Failure> {
  if (confirmWithinMs === undefined) return ok([]);
  const asked: Asked[] = [];
  for (const { fact, movedFacts } of projects) {
    const { project } = fact.spec;
    const from = movedFacts.find((moved) => moved.from !== project)?.from;
    if (from !== undefined) return err(isMove(from, project));
    const before = records.get(project);
    if (before?.revision === candidate.get(project)?.revision) continue;
    const until = now + confirmWithinMs;
    asked.push({ kind: 'confirmation-asked', project, previous: wayBack(before), until, by, at: now });
  }
  return ok(asked);
}

function wayBack(before: ProjectRecord | undefined): number | null {
  if (before?.confirmation !== undefined) return before.confirmation.previous;
  return before?.revision ?? null;
}

function isMove(from: string, to: string): Failure {
  return {
    code: 'CONFLICT',
    message: `cannot apply ${to} on trial: its apps move here from ${from}, and would not move back by themselves`,
    hint: 'apply the new name alone and without --confirm-within first, then what else has changed',
  };
}

/** What of a project is on trial; undefined: nothing. */
export function viewTrial({ project, revision, confirmation }: ProjectRecord): TrialInfo | undefined {
  if (confirmation === undefined) return undefined;
  const { previous, until } = confirmation;
  return { project, revision, previous, until: toRfc3339(until) };
}
