import type { AppKey } from '../../lib/app-key.ts';
import type { DesiredApp } from './desired.ts';
import type { HookName } from '../../spec/hooks/hooks.ts';
import type { HookFacts, HookRun } from './hooks.ts';
import type { Reason } from './reasons.ts';
import type { StopOrder } from './stop-order.ts';

/** One step on one process. Each is safe on its own. */
export type Action =
  | {
      readonly kind: 'start';
      readonly key: AppKey;
      readonly slot: number;
      /** The version that the process is to run. */
      readonly app: DesiredApp;
      readonly reason: Reason;
    }
  | {
      readonly kind: 'stop';
      readonly key: AppKey;
      readonly slot: number;
      readonly nonce: string;
      readonly revision: number;
      readonly reason: Reason;
      readonly how: StopOrder;
      /** It runs this hook of the app; absent: it is an instance. */
      readonly hook?: HookName;
      /** It serves, and is to end only if this version could be started in its place; absent: it ends whatever follows. */
      readonly successor?: DesiredApp;
    }
  /** Takes a running process into the present generation. Its record and log settings change; the process does not. */
  | {
      readonly kind: 'adopt';
      readonly key: AppKey;
      readonly slot: number;
      readonly nonce: string;
      readonly app: DesiredApp;
      readonly reason: Reason;
    }
  /** Has a running process read its settings again. It stays. */
  | {
      readonly kind: 'reload';
      readonly key: AppKey;
      readonly slot: number;
      readonly nonce: string;
      readonly app: DesiredApp;
      /** As in ReloadState. */
      readonly count: number;
      readonly reason: Reason;
    }
  /** Drops the record of an ended process once its exit is in the history. */
  | {
      readonly kind: 'forget';
      readonly key: AppKey;
      readonly slot: number;
      readonly nonce: string;
      readonly revision: number;
      readonly reason: Reason;
    }
  /** Runs a command of the app. `slot`: of the process that it is about; -1: it is about the whole app. */
  | {
      readonly kind: 'hook';
      readonly key: AppKey;
      readonly slot: number;
      /** The version whose command, user and environment it has. */
      readonly app: DesiredApp;
      readonly run: HookRun;
      readonly facts: HookFacts;
      readonly reason: Reason;
      /** Of a pre_stop hook: as of the stop that it comes before. */
      readonly successor?: DesiredApp;
    };

/** Something that waits: what for, and until when if that is known. */
export interface Hold {
  readonly key: AppKey;
  /** null: the whole app waits. */
  readonly slot: number | null;
  readonly reason: Reason;
  /** One line: `back-off until 12:00:07, attempt 4`, `dependency db not ready`. Times are RFC 3339 UTC. */
  readonly message: string;
  /** Epoch milliseconds; null: until something else happens. */
  readonly until: number | null;
  /** The app that has to move first: the far end of a chain of dependencies. */
  readonly blockedBy?: AppKey;
  /** It does not end by itself. */
  readonly isFinal?: true;
}
