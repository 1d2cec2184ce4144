import type { AppKey } from '../../../lib/app-key.ts';
import type { Change, PlanSummary } from '../../../plan/model/plan.ts';
import type { ProjectSpec } from '../../../spec/types.ts';
import type { CodeInfo } from './apps.ts';
import type { HookRunStatus } from './events.ts';

/** GET /v1/projects/:project/revisions, or /v1/revisions of all projects; newest first. Specs are left out, changes are redacted. */
export interface RevisionList {
  readonly apiVersion: 'v1';
  readonly kind: 'RevisionList';
  readonly items: readonly RevisionInfo[];
}

export interface RevisionInfo {
  readonly project: string;
  readonly revision: number;
  readonly hash: string;
  readonly at: string;
  readonly by: string;
  readonly command: string;
  /** The commit that was checked out where its file lies, in full; null: of none. Local edits are not seen. */
  readonly commit?: string | null;
  /** The releases that the file named, by app; an app that names none is missing. */
  readonly versions?: Readonly<Record<AppKey, string>>;
  /** The processes that run it, and what they were started from: code is rolled out without a new revision. */
  readonly running?: readonly {
    readonly app: AppKey;
    readonly slot: number;
    readonly code: CodeInfo;
  }[];
  /** Runs of hooks for it that are on record, newest first. */
  readonly hooks?: readonly (HookRunStatus & { readonly app: AppKey })[];
  readonly summary: PlanSummary;
  readonly changes: readonly Pick<Change, 'app' | 'kind' | 'fields'>[];
  /** What came of its rollouts; null: not known any more. */
  readonly outcome?: RevisionOutcome | null;
}

/** `failed` when an app's rollout failed; `superseded` when a newer revision came first. */
export interface RevisionOutcome {
  readonly state: 'progressing' | 'succeeded' | 'failed' | 'superseded';
  /** Of a failed one: `shop/web: slot 0 exited with code 1 after 0.2s`. */
  readonly message: string | null;
}

/** GET /v1/projects/:project/revisions/:revision: with the specs, secrets included, so that it can be applied again. */
export interface RevisionDetail extends RevisionInfo {
  readonly spec: ProjectSpec;
}

/**
 * GET /v1/projects/:project/going-back?app=NAME: where a roll back goes that names no revision; without `app` one of the whole
 * project. NOT_FOUND where there is nothing to go back to, with why.
 */
export interface GoingBackInfo {
  readonly apiVersion: 'v1';
  readonly kind: 'GoingBack';
  readonly project: string;
  /** The name of the app; null: the whole project. */
  readonly app: string | null;
  /** The present revision, and the newest before it that declares something else and has proven itself. */
  readonly from: number;
  readonly to: number;
}
