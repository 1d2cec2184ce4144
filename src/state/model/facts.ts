import type { AppKey } from '../../lib/app-key.ts';
import type { Override, RestartRequest } from '../../plan/model/desired.ts';
import type { ReloadState } from '../../plan/model/reload.ts';
import type { RolloutFailure, RolloutPause } from '../../plan/model/rollout.ts';
import type { ChosenPort } from '../../spec/ports/chosen-ports.ts';
import type { ReadFrom } from '../../spec/read-from/read-from.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import type { Confirmation } from './confirmation.ts';

/**
 * The processes of each dependency that restarts this app, as it knows them: nonce by slot, by name of the
 * dependency. When a slot holds another one, the app is due for a restart.
 */
export type DependencyMarks = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * What changes the durable state: facts, never commands. `state/desired/reducer.ts` works out the state after a fact.
 */
export type Fact =
  | {
      readonly kind: 'project-accepted';
      readonly spec: ProjectSpec;
      /** Template hash per app name. */
      readonly templateHashes: Readonly<Record<string, string>>;
      /** Whether apps of the project that `spec` does not name leave the desired state. */
      readonly prune: boolean;
      /** Only these apps are declared or pruned; the others stay. Absent or null: all. */
      readonly only?: readonly string[] | null;
      /** Every declared app gets new processes, also where nothing has changed. */
      readonly restart?: RestartRequest;
      /**
       * Apps that are down because of how they ended, and that are to start as if they had not. Absent: none.
       */
      readonly afresh?: readonly string[];
      /** What it was read from; absent: nobody knows. */
      readonly readFrom?: ReadFrom | undefined;
      readonly at: number;
    }
  /**
   * Apps have other names now, and keep their processes. Between two projects: all apps of `from`, with its revisions, to
   * one that has none; `apps` then says which of them are called otherwise, as it does within one project.
   */
  | {
      readonly kind: 'apps-moved';
      readonly from: string;
      readonly to: string;
      /** Names of before, by the name of now. */
      readonly apps: Readonly<Record<string, string>>;
      readonly at: number;
    }
  /** What was accepted last is taken back at `until`, unless it is confirmed; see Confirmation. */
  | ({ readonly kind: 'confirmation-asked'; readonly project: string } & Confirmation)
  /** The newest revision of the project stays. */
  | { readonly kind: 'confirmed'; readonly project: string; readonly at: number }
  | { readonly kind: 'apps-deleted'; readonly keys: readonly AppKey[]; readonly at: number }
  /** A person wants an app that ended badly to be started as if it had not. */
  | { readonly kind: 'begun-afresh'; readonly key: AppKey }
  | { readonly kind: 'override-set'; readonly key: AppKey; readonly override: Override | null }
  /** `slot` null: every instance. */
  | ({
      readonly kind: 'restart-requested';
      readonly key: AppKey;
      readonly slot: number | null;
      /** The time of cron_restart or schedule that asks for it: dealt with by this very fact. */
      readonly tick?: number;
      /** Of a scheduled job: the slot is to run once. */
      readonly run?: true;
      /** With a restart because of a dependency: what it is about, so that it is asked for once. */
      readonly dependencyMarks?: DependencyMarks;
    } & RestartRequest)
  /**
   * A person applied while these slots ran other code than what lies on disk: they are to get new processes. Without slots:
   * the new processes that were asked for just now are of other code than those before them.
   */
  | {
      readonly kind: 'code-changed';
      readonly key: AppKey;
      readonly slots: readonly number[];
      /** Slots without a process, whose last one was of other code, and that are to have one again. */
      readonly again: readonly number[];
      /** What lies on disk: the identity of the code. Absent: not told. */
      readonly code?: string;
      /** No code has changed: values that processes have from elsewhere were rotated. Absent: code has. */
      readonly rotated?: true;
      /** `68da218 → e7c118e (12 files under api/)`. */
      readonly detail: string;
      readonly at: number;
    }
  /** Processes are to read their settings again, and stay. `slots` null: those of every instance. */
  | ({ readonly kind: 'reload-requested'; readonly key: AppKey } & Omit<ReloadState, 'count'>)
  /** The reload of this number has come to its end. `failure` null: every instance has met it. */
  | {
      readonly kind: 'reload-ended';
      readonly key: AppKey;
      readonly count: number;
      readonly failure: RolloutFailure | null;
      readonly at: number;
    }
  /** The version of this generation has proven itself on every instance. */
  | {
      readonly kind: 'rollout-completed';
      readonly key: AppKey;
      readonly generation: number;
      /** Instances of it listen on shared sockets. */
      readonly listens?: true;
      readonly at: number;
    }
  /**
   * The version of this generation has failed: the app goes back to the one before it, or waits, as its spec says.
   */
  | {
      readonly kind: 'rollout-failed';
      readonly key: AppKey;
      readonly generation: number;
      readonly failure: RolloutFailure;
      readonly at: number;
    }
  /** The pre_start hook of this release has ended; `failure` null: well. */
  | {
      readonly kind: 'pre-start-ended';
      readonly key: AppKey;
      readonly release: number;
      readonly failure: RolloutFailure | null;
      readonly at: number;
    }
  /** An operator stops a rollout where it is, or (null) has it go on. */
  | {
      readonly kind: 'rollout-paused';
      readonly key: AppKey;
      readonly paused: Pick<RolloutPause, 'by' | 'at'> | null;
      readonly at: number;
    }
  /**
   * Processes of the app were started by restarts that the state knows nothing of (a previous version of it had to be
   * taken). They count as they are. `slots`: by how much the counter of each slot grows.
   */
  | {
      readonly kind: 'restarts-found';
      readonly key: AppKey;
      readonly generation: number;
      readonly slots: Readonly<Record<string, number>>;
    }
  /** Ports were chosen for an app that declares `auto`: they stay its own. */
  | { readonly kind: 'ports-chosen'; readonly key: AppKey; readonly ports: readonly ChosenPort[] }
  /** The wall clock of the host was set by so much: times that are compared move along. */
  | { readonly kind: 'clock-set'; readonly byMs: number }
  /** The app has these dependencies as they are now; nothing follows from it. */
  | { readonly kind: 'dependencies-seen'; readonly key: AppKey; readonly dependencyMarks: DependencyMarks };
