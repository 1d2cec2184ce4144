import { isInteger, isOneOf, isText, listOf, nullable, objectOf } from '../../../../lib/checks.ts';
import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import { ALLOWABLE, type Allowable } from '../../../../plan/guards/allowable.ts';
import { checked } from '../../endpoints/checked.ts';

export { ALLOWABLE, type Allowable };

/** POST /v1/freezes. */
export interface FreezeRequest {
  /** null: every project of the home, also those that come. */
  readonly projects: readonly string[] | null;
  readonly reason: string;
  /** How long; null: until somebody lifts it. */
  readonly forMs: number | null;
  /** What may be done all the same. */
  readonly allow: readonly Allowable[];
  readonly by: string;
}

/** POST /v1/thaws: lifts freezes. */
export interface ThawRequest {
  /** null: all of them. */
  readonly projects: readonly string[] | null;
  readonly by: string;
}

/** A freeze that holds. */
export interface FreezeInfo {
  /** null: every project. */
  readonly project: string | null;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  /** null: until somebody lifts it. */
  readonly until: string | null;
  readonly allow: readonly Allowable[];
}

/** GET /v1/freezes; POST /v1/freezes answers with those that were made, POST /v1/thaws with those that were lifted. */
export interface FreezeList {
  readonly apiVersion: 'v1';
  readonly kind: 'FreezeList';
  readonly items: readonly FreezeInfo[];
}

const isProjects = nullable(listOf(isText));

const isFreezeRequest = objectOf<FreezeRequest>({
  projects: isProjects,
  reason: isText,
  forMs: nullable(isInteger(1)),
  allow: listOf(isOneOf(...ALLOWABLE)),
  by: isText,
});

const isThawRequest = objectOf<ThawRequest>({ projects: isProjects, by: isText });

export function checkFreezeRequest(body: unknown): Result<FreezeRequest, Failure> {
  return checked<FreezeRequest>(isFreezeRequest, body);
}

export function checkThawRequest(body: unknown): Result<ThawRequest, Failure> {
  return checked<ThawRequest>(isThawRequest, body);
}
