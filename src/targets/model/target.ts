import type { AppList } from '../../api/contract/wire/apps.ts';
import type { LogLine } from '../../api/contract/wire/logs.ts';
import type { PlanBasis, PlanDocument } from '../../api/contract/wire/plan.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { Rendered } from './rendered.ts';

/** What of a project counts, and what guards are told to allow. */
export interface TargetScope {
  /** Whether apps that the file does not name any more go. */
  readonly prune: boolean;
  /** Names of apps; null: all of them. */
  readonly only: readonly string[] | null;
  readonly allowWipe: boolean;
  /** Fields that others have set are taken over. */
  readonly forceConflicts: boolean;
}

/** One app as it is there and as it would be, for a unified diff: neither has secrets. null: it is not there. */
export interface TargetSides {
  readonly app: AppKey;
  readonly live: readonly unknown[] | null;
  readonly declared: readonly unknown[] | null;
}

export interface TargetPlan {
  readonly document: PlanDocument;
  /** Apps that would change. */
  readonly sides: readonly TargetSides[];
}

/** How long something is waited for. */
export interface TargetWaiting {
  readonly wait: boolean;
  readonly timeoutMs: number;
  /** Ends the waiting, and nothing that was asked for. */
  readonly signal: AbortSignal;
  /** Told what happens, a line each. */
  readonly said: (line: string) => void;
}

/** How it ended. `failures`: why not well, the first deciding the exit code. */
export interface TargetOutcome {
  /** Apps with what became of them: `applied`, `rolled back`. */
  readonly done: readonly { readonly app: AppKey; readonly what: string }[];
  readonly failures: readonly Failure[];
}

/** What is applied: a plan that was shown, or what there is to do now. */
export interface TargetApplying extends TargetWaiting {
  readonly scope: TargetScope;
  /** What a saved plan was made against; null: none. */
  readonly basis: PlanBasis | null;
  /** Called with the plan before anything is done. */
  readonly accepted: (plan: TargetPlan) => void;
}

export interface TargetLogs {
  /** Names of apps; empty: all of them. */
  readonly apps: readonly string[];
  /** Past lines of each instance; null: all. */
  readonly lines: number | null;
  /** RFC 3339. */
  readonly since?: string;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * A place to run projects at other than this host: a folder below `src/targets`. Opened for the projects of some files, it
 * reports in the words of the host: the same plans, lists of apps, failures and exit codes.
 */
export interface Target {
  readonly name: string;
  /** Where it is, as it is printed before anything is done: `context lab, namespace shop`. */
  readonly place: string;
  /** What could not be found out: what is shown does without it. */
  readonly doubts: readonly Failure[];
  /** What the files mean there. Pure. */
  render(): Rendered<unknown>;
  plan(scope: TargetScope): Promise<Result<TargetPlan, Failure>>;
  apply(applying: TargetApplying): Promise<Result<TargetOutcome, Failure>>;
  /** Apps of the projects, those of the file and those that are there. */
  status(): Promise<Result<AppList, Failure>>;
  /** Lines of what runs there now; a failure in between is of one instance, and the others go on. */
  logs(asked: TargetLogs): Promise<Result<AsyncIterable<Result<LogLine, Failure>>, Failure>>;
  /** Goes back to what an app ran before; `to`: the number of a revision. */
  rollback(app: string, to: number | null, waiting: TargetWaiting): Promise<Result<TargetOutcome, Failure>>;
  /** Removes apps with all that is theirs. */
  delete(
    apps: readonly string[],
    waiting: TargetWaiting & Pick<TargetScope, 'allowWipe'>,
  ): Promise<Result<TargetOutcome, Failure>>;
  /** Lets go of what it holds to ask. */
  close(): void;
}
