import {
  findDuplicate,
  isFlag,
  isName,
  isText,
  listOf,
  mapOf,
  nullable,
  objectOf,
  optional,
  type Check,
} from '../../../../lib/checks.ts';
import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import type { ProjectSpec } from '../../../../spec/types.ts';
import { checked, withoutSecrets } from '../../endpoints/checked.ts';
import { isMoved, isProjectSource } from '../../endpoints/spec-checks.ts';
import { isCommit, isReadFrom, type ApplyRequest } from '../apply.ts';
import type { PlanDocument } from '../plan.ts';

/**
 * An ApplyRequest without the specs of its apps: whoever sends it takes the daemon to have accepted them already, and has
 * the hash that they must have. Whether that is so, the daemon finds out; what is not as it was is sent as an ApplyRequest.
 */
export interface UnchangedRequest extends Pick<
  ApplyRequest,
  'prune' | 'only' | 'by' | 'command' | 'commits' | 'readFrom'
> {
  readonly projects: readonly ProjectOutline[];
  /** `desiredHash` of the basis that a plan of the whole request would have. */
  readonly desiredHash: string;
  /** Only where nothing is to be said of the apps around their declarations either, as for `diff`. Absent: false. */
  readonly withoutDrift?: boolean;
}

/** A project with the names of its apps in their place, in the order in which they are declared. */
export type ProjectOutline = Omit<ProjectSpec, 'apps'> & { readonly apps: readonly string[] };

/**
 * The plan of the request, where the daemon has just these declarations and nothing is to be done for them; `plan: null`:
 * it has others, or something is to be done, and nothing was done.
 */
export interface UnchangedResponse {
  readonly plan: PlanDocument | null;
}

const isUnchangedRequest: Check = (value, path) => {
  const problem = objectOf<UnchangedRequest>({
    projects: listOf(
      objectOf<ProjectOutline>({
        project: isName,
        moved: optional(isMoved),
        source: isProjectSource,
        apps: listOf(isName),
      }),
    ),
    desiredHash: isText,
    prune: isFlag,
    only: nullable(listOf(isText)),
    by: isText,
    command: isText,
    commits: optional(mapOf(isCommit)),
    readFrom: optional(mapOf(isReadFrom)),
    withoutDrift: optional(isFlag),
  })(value, path);
  return problem ?? findDuplicate((value as UnchangedRequest).projects, 'project', `${path}.projects`);
};

export function checkUnchangedRequest(body: unknown): Result<UnchangedRequest, Failure> {
  return withoutSecrets(checked<UnchangedRequest>(isUnchangedRequest, body));
}
