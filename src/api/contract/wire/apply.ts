import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import { isCommitHash } from '../../../lib/commit-hash.ts';
import {
  findDuplicate,
  isFlag,
  isInteger,
  isOneOf,
  isText,
  listOf,
  mapOf,
  nullable,
  objectOf,
  optional,
  type Check,
} from '../../../lib/checks.ts';
import { checked, withoutSecrets } from '../endpoints/checked.ts';
import { isProjectSpec } from '../endpoints/spec-checks.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import { completeProject, sparseProject } from '../../../spec/defaults.ts';
import type { ReadFrom } from '../../../spec/read-from/read-from.ts';
import type { ProjectSpec, UnreadVariables } from '../../../spec/types.ts';
import type { TrialInfo } from './guards/confirmations.ts';
import { isBasis, type PlanBasis, type PlanDocument } from './plan.ts';

/** What an apply or a plan is about. */
export interface ApplyRequest {
  readonly projects: readonly ProjectSpec[];
  /** Remove apps that the file does not name any more. */
  readonly prune: boolean;
  /** Restrict to these app names; the others stay as they are. null: all. */
  readonly only: readonly string[] | null;
  readonly allowWipe: boolean;
  /** Take a project over from where it was declared before, and run one beside its twin. Absent: false. */
  readonly takeOver?: boolean;
  /** Declare and start what the apps depend on as well. Absent: false. */
  readonly withDependencies?: boolean;
  /** What is declared was declared before (`rollback`): where the project comes from stays as it is. Absent: false. */
  readonly keepOrigin?: boolean;
  /** From a saved plan: apply only if the host is still as it was then. */
  readonly basis: PlanBasis | null;
  readonly by: string;
  /** For the history: `apply -f ecosystem.yaml`. */
  readonly command: string;
  /** For the history, by project: the commit that is checked out where its file lies. In full. */
  readonly commits?: Readonly<Record<string, string>>;
  /** By project: what it was read from, to find edits made later. Absent: nothing is found. */
  readonly readFrom?: Readonly<Record<string, ReadFrom>> | undefined;
  /**
   * Whether processes that run other code than lies on disk get new ones. `leave`: only what is declared is compared, as
   * for who goes back to an earlier declaration. Absent: `compare`.
   */
  readonly code?: 'compare' | 'leave';
  /** Every process of the declared apps is to be a new one, also where nothing has changed; `now`: all at once. */
  readonly restart?: { readonly verb: 'reload' | 'restart'; readonly now?: boolean };
  /** On trial: what changes is taken back after so long, unless it is confirmed. Absent: it stays. */
  readonly confirmWithinMs?: number;
  /** Of a plan against a snapshot: apps whose files of variables are not here. What they would say is not compared. */
  readonly unread?: Readonly<Record<AppKey, UnreadVariables>>;
  /** Of a plan against a snapshot: give the specs of both sides too. */
  readonly specs?: true;
  /** The daemon was started for it: compared, and counted, is what ran before that. */
  readonly begins?: true | undefined;
}

/** POST /v1/plan (ApplyRequest) answers with a PlanDocument; POST /v1/apply with this. */
export interface ApplyResponse {
  readonly plan: PlanDocument;
  /**
   * What to wait for: each app that is not yet as asked for, at which generation; `gone` for apps that are to leave.
   */
  readonly targets: readonly WaitTarget[];
  /** What is taken back unless it is confirmed; absent: nothing. */
  readonly trials?: readonly TrialInfo[];
}

export interface WaitTarget {
  readonly app: AppKey;
  readonly generation: number;
  readonly gone: boolean;
  /** The revision that was asked for; an app at a higher one has been changed by somebody else since. */
  readonly revision?: number;
  /**
   * Of a job that runs with every release: the apps whose rollout fails when it does. Absent: none.
   */
  readonly releases?: readonly AppKey[];
}

const isTexts = listOf(isText);

/** The full hash of a commit. */
export const isCommit: Check = (value, path) =>
  typeof value === 'string' && isCommitHash(value) ? null : `${path} must be 40 or 64 hexadecimal digits`;

export const isReadFrom = objectOf<ReadFrom>({
  declared: mapOf(isText),
  env: optional(mapOf(mapOf(isText))),
  lines: optional(mapOf(mapOf(mapOf(isInteger(0))))),
});

const isApplyRequest: Check = (value, path) => {
  const problem = objectOf<ApplyRequest>({
    projects: listOf(isProjectSpec),
    prune: isFlag,
    only: nullable(isTexts),
    allowWipe: isFlag,
    takeOver: optional(isFlag),
    keepOrigin: optional(isFlag),
    withDependencies: optional(isFlag),
    basis: nullable(isBasis),
    by: isText,
    command: isText,
    commits: optional(mapOf(isCommit)),
    readFrom: optional(mapOf(isReadFrom)),
    code: optional(isOneOf('compare', 'leave')),
    restart: optional(
      objectOf<NonNullable<ApplyRequest['restart']>>({
        verb: isOneOf('reload', 'restart'),
        now: optional(isFlag),
      }),
    ),
    confirmWithinMs: optional(isInteger(1)),
    unread: optional(mapOf(objectOf<UnreadVariables>({ files: isTexts, known: isTexts }))),
    specs: optional(isOneOf(true)),
    begins: optional(isOneOf(true)),
  })(value, path);
  return problem ?? findDuplicate((value as ApplyRequest).projects, 'project', `${path}.projects`);
};

/** As it is sent: without what is said by defaults. What is not known before it is sent is asked for then. */
export function writeApplyRequest(request: ApplyRequest): ApplyRequest {
  return {
    ...request,
    projects: request.projects.map(sparseProject),
    get begins() {
      return request.begins;
    },
  };
}

export function checkApplyRequest(body: unknown): Result<ApplyRequest, Failure> {
  const request = withoutSecrets(checked<ApplyRequest>(isApplyRequest, body));
  if (!request.ok) return request;
  return ok({ ...request.value, projects: request.value.projects.map(completeProject) });
}
