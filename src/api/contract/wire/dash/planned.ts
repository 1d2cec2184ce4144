import { isFlag, isInteger, isText, nullable, objectOf, optional } from '../../../../lib/checks.ts';
import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import { checked } from '../../endpoints/checked.ts';
import { isBasis, type PlanBasis } from '../plan.ts';

/** POST /v1/declared/apply: what the files, or the source, of a project declare now, as a plan of it has shown it. */
export interface ApplyDeclaredRequest {
  readonly project: string;
  /** Of that plan. */
  readonly basis: PlanBasis;
  readonly by: string;
  readonly allowWipe?: boolean;
}

/** Where a roll back goes. */
export interface RollbackTarget {
  readonly project: string;
  readonly revision: number;
  /** The name of the one app that goes back; null: the whole project. */
  readonly app: string | null;
}

/** POST /v1/rollbacks: goes back as a plan of it has shown. */
export interface RollbackRequest extends RollbackTarget {
  /** Of that plan. */
  readonly basis: PlanBasis;
  readonly by: string;
  readonly allowWipe?: boolean;
}

const isApplyDeclared = objectOf<ApplyDeclaredRequest>({
  project: isText,
  basis: isBasis,
  by: isText,
  allowWipe: optional(isFlag),
});

const isRollback = objectOf<RollbackRequest>({
  project: isText,
  revision: isInteger(1),
  app: nullable(isText),
  basis: isBasis,
  by: isText,
  allowWipe: optional(isFlag),
});

export function checkApplyDeclared(body: unknown): Result<ApplyDeclaredRequest, Failure> {
  return checked<ApplyDeclaredRequest>(isApplyDeclared, body);
}

export function checkRollback(body: unknown): Result<RollbackRequest, Failure> {
  return checked<RollbackRequest>(isRollback, body);
}
