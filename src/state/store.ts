import type { AppKey } from '../lib/app-key.ts';
import type { Cancel } from '../lib/clocks/clock.ts';
import type { Failure } from '../lib/failure.ts';
import type { Result } from '../lib/result.ts';
import type { AcceptedApp, DesiredApp } from '../plan/model/desired.ts';
import type { HookRecord } from '../plan/model/hooks.ts';
import type { SlotHistory } from '../plan/model/observed.ts';
import type { AuditedChange, Made } from './audit/audit-entry.ts';
import type { MetaOf, UnwrittenApp } from './desired-state.ts';
import type { EventsQuery, NewEvent } from './events/event-log.ts';
import type { Projects } from './desired/reducer.ts';
import type { Trouble } from './unwritten/write-trouble.ts';
import type { AppHistory, Commit, EventRecord, Fact, ProjectRecord, Revision } from './model/types.ts';

/** A change of the desired state, as its followers are told. */
export interface Committed {
  /** Apps whose record changed, appeared or went away. */
  readonly changed: readonly AppKey[];
  readonly before: Projects;
  readonly after: Projects;
}

/** What is known and could not be written yet. It is written as soon as that is possible. */
export interface Unwritten extends Trouble {
  /** Apps of which the disk holds something older: what a controller that is started again would go by. */
  readonly apps: readonly UnwrittenApp[];
}

/** The durable state of a home: the only truth that survives the controller. One writer at a time. */
export interface Store extends AsyncDisposable {
  /** What was found damaged while opening, and how it was mended. */
  readonly notices: readonly string[];
  /** The whole desired state, for `reduce` (a preview is a reduce that is not committed). */
  records(): Projects;
  /** Every project that was ever accepted, sorted by file. */
  projects(): readonly ProjectRecord[];
  project(name: string): ProjectRecord | undefined;
  /** Every app that is to be there. One that has not changed is the same object as before. */
  desired(): readonly DesiredApp[];
  desiredApp(key: AppKey): DesiredApp | undefined;
  accepted(): readonly AcceptedApp[];
  /**
   * Makes facts durable, in their order, with one write for each project; `metaOf` says what the history is to tell of
   * the revisions that this makes, `made` who asked, for the audit log. Fails with STATE_WRITE; then nothing of it has happened. Facts that may wait (a stop;
   * see unwritten/may-wait.ts) hold at once where they cannot be written, and `unwritten` tells of them until they are.
   */
  commit(fact: Fact | readonly Fact[], metaOf?: MetaOf, made?: Made): Promise<Result<Commit, Failure>>;
  /**
   * Writes a line of the audit log about something that is about to be done and changes nothing of what is desired; with
   * `mayWait` it holds at once, also where it cannot be written yet. Gives the number of the line; null: it waits.
   */
  audit(
    change: AuditedChange,
    options?: { readonly mayWait?: boolean },
  ): Promise<Result<number | null, Failure>>;
  /** Calls `listener` after every commit that changed something, until the returned function is called. */
  onCommit(listener: (committed: Committed) => void): Cancel;
  /** What is not on disk yet; null: everything is. */
  unwritten(): Unwritten | null;
  /** Calls `listener` after every change of that, until the returned function is called. */
  onUnwritten(listener: (unwritten: Unwritten | null) => void): Cancel;
  /** Those that are kept, newest first. */
  revisions(project: string): Promise<readonly Revision[]>;
  /** NOT_FOUND when it is not kept any more, STATE_UNREADABLE when its file is damaged. */
  revision(project: string, revision: number): Promise<Result<Revision, Failure>>;
  appendEvent(event: NewEvent): EventRecord;
  /** Tells listeners of an event that is not kept (see passing-events.ts). */
  announce(event: NewEvent): EventRecord;
  events(query: EventsQuery): Promise<readonly EventRecord[]>;
  /** Where a follower goes on that has seen events up to `after`. */
  resumeAt(after: number): number;
  /** Calls `listener` for every event until the returned function is called; what it throws goes to `onError`. */
  subscribe(listener: (event: EventRecord) => void): Cancel;
  history(key: AppKey): AppHistory;
  histories(): readonly AppHistory[];
  /** Known at once, written soon: `flush` before anything that must not be forgotten is acknowledged. */
  recordHistory(key: AppKey, slots: readonly SlotHistory[]): void;
  /** The same of the runs of hooks, newest first. */
  recordHooks(key: AppKey, hooks: readonly HookRecord[]): void;
  recordCronTick(key: AppKey, at: number): void;
  /** The number that `get` shows; given out on first use. */
  idOf(key: AppKey, slot: number): number;
  /** Durable when it resolves with ok: all history and ids recorded before the call. */
  flush(): Promise<Result<void, Failure>>;
  /** Tries to write everything that waits; resolves with what is left. */
  settle(): Promise<Unwritten | null>;
  /** Flushes and closes, and resolves with what could not be written; further commits fail. */
  close(): Promise<Unwritten | null>;
}
