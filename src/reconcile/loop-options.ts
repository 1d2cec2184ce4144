import type { ObservedHook } from '../plan/model/observed.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import type { Driver } from '../driver/driver.ts';
import type { AcceptedApp, DesiredApp } from '../plan/model/desired.ts';
import type { HookRecord, PreStartVerdict } from '../plan/model/hooks.ts';
import type { ReloadVerdict } from '../plan/model/reload.ts';
import type { RolloutVerdict } from '../plan/model/rollout.ts';
import type { RemovalReason } from '../plan/removal.ts';
import type { LoopEvent } from './events.ts';
import type { Execute } from './executor.ts';
import type { HistoryBook } from './exits.ts';
import type { Observer, ObserverState } from './observer.ts';
import type { StatusTable } from './status-table.ts';

/** What the loop reads of the durable state, and writes to it. */
export interface LoopState extends HistoryBook, ObserverState {
  desiredKeys(): readonly AppKey[];
  /** An app that has left the desired state: how it was declared last, and why it goes. */
  leaving(key: AppKey): { readonly accepted: AcceptedApp; readonly reason: RemovalReason } | undefined;
  /** Nothing is left of an app that had left the desired state. */
  gone(key: AppKey): void;
  /** Apps of the same project that name this one in depends_on, those that leave the desired state too. */
  dependentsOf(key: AppKey): readonly AppKey[];
  /** Runs of hooks that have ended and are on record, newest first. */
  hookRecords(key: AppKey): readonly HookRecord[];
  /** False: the history cannot be written now. */
  flushHistory(): Promise<boolean>;
  /** The time, when what is on record is comparable with it. */
  now(): Promise<number>;
  appendEvent(event: LoopEvent): void;
  /** Calls `listener` with the apps that a commit has changed, until the returned function is called. */
  onChange(listener: (changed: readonly AppKey[]) => void): Cancel;
}

export interface LoopOptions {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly driver: Driver;
  readonly observer: Observer;
  readonly state: LoopState;
  /** Where the loop publishes what it finds out. */
  readonly status: StatusTable;
  readonly execute: Execute;
  /**
   * Records how a rollout or a reload has ended. Resolves with true when that has changed the desired state: the loop then drops
   * the plan and makes another.
   */
  readonly onRollout: (app: DesiredApp, verdict: RolloutVerdict | ReloadVerdict) => Promise<boolean>;
  readonly hooks: HookBook;
  /** Apps worked on at once. */
  readonly concurrency: number;
  readonly onError: (key: AppKey, error: unknown, retryInMs: number) => void;
}

/** Where it is kept how hooks have ended. */
export interface HookBook {
  /** A run has ended: it is recorded soon, and its app then looked at again. Told twice, it is recorded once. */
  ended(hook: ObservedHook, app: DesiredApp | undefined): void;
  /** Records durably how a pre_start hook has ended, before anything follows from it. Rejects when it cannot be. */
  preStartEnded(app: DesiredApp, verdict: PreStartVerdict): Promise<void>;
}
