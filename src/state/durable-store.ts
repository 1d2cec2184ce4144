import type { AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { Listeners } from '../lib/listeners.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { AcceptedApp, DesiredApp } from '../plan/model/desired.ts';
import type { HookRecord } from '../plan/model/hooks.ts';
import type { SlotHistory } from '../plan/model/observed.ts';
import type { AuditedChange, Made } from './audit/audit-entry.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { auditAct, auditCommit } from './audit/audit-commit.ts';
import { Counters } from './counters.ts';
import { changedApps, DesiredState, type MetaOf } from './desired-state.ts';
import { acceptedApps } from './desired/desired.ts';
import type { Projects } from './desired/reducer.ts';
import type { StateLayout } from './disk/layout.ts';
import type { LoadedState } from './disk/load.ts';
import { readRevision, readRevisions } from './disk/revisions.ts';
import type { KnownFiles } from './disk/known-files.ts';
import { writeFailure, type WriteProblem } from './disk/state-failures.ts';
import type { EventLog, EventsQuery, NewEvent } from './events/event-log.ts';
import { PassingEvents } from './events/passing-events.ts';
import { createSerialQueue } from './serial-queue.ts';
import { shownEvent } from './shown-event.ts';
import type { Committed, Store, Unwritten } from './store.ts';
import { StateWriter } from './unwritten/state-writer.ts';
import type { Retention } from './model/retention.ts';
import type { AppHistory, Commit, EventRecord, Fact, ProjectRecord, Revision } from './model/types.ts';
import { failpoint } from '../lib/failpoints/failpoint.ts';

export interface DurableStoreOptions {
  readonly layout: StateLayout;
  readonly loaded: LoadedState;
  /** The files as they were found. */
  readonly known: KnownFiles;
  /** The event log; `onWritten` is told how every write went, null: all is on disk. */
  readonly openEvents: (onWritten: (problem: WriteProblem | null) => void) => EventLog;
  readonly audit: AuditLog;
  readonly retention: () => Retention;
  readonly readOnly: boolean;
  readonly coalesceMs: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** The store over a folder; made by `openStore`. */
export class DurableStore implements Store {
  readonly notices: readonly string[];
  readonly #options: DurableStoreOptions;
  readonly #enqueue = createSerialQueue();
  readonly #desired: DesiredState;
  readonly #counters: Counters;
  readonly #events: EventLog;
  readonly #passing = new PassingEvents();
  readonly #writer: StateWriter;
  readonly #followers: Listeners<EventRecord>;
  readonly #committed: Listeners<Committed>;
  #closed = false;

  constructor(options: DurableStoreOptions) {
    const { loaded, layout, clock, known, retention, onError } = options;
    const enqueue = this.#enqueue;
    this.#options = options;
    this.#followers = new Listeners(onError);
    this.#committed = new Listeners(onError);
    this.#desired = new DesiredState({
      ...{ layout, known, retention, onError },
      projects: loaded.projects,
      now: () => clock.now(),
    });
    const desired = this.#desired.apps;
    this.#counters = new Counters({
      ...{ ...options, desired, enqueue },
      onWritten: (problem) => this.#writer.report('counters', problem),
    });
    this.#events = options.openEvents((problem) => this.#writer.report('events', problem));
    this.notices = [...loaded.notices, ...this.#events.notices];
    this.#writer = new StateWriter({
      ...{ layout, known, clock, onError, enqueue, readOnly: options.readOnly },
      ...{ desired: this.#desired, counters: this.#counters, events: this.#events, audit: options.audit },
      appendEvent: (event) => this.appendEvent(event),
    });
  }

  records(): Projects {
    return this.#desired.projects;
  }

  projects(): readonly ProjectRecord[] {
    return [...this.#desired.projects.values()];
  }

  project(name: string): ProjectRecord | undefined {
    return this.#desired.projects.get(name);
  }

  desired(): readonly DesiredApp[] {
    return this.#desired.apps;
  }

  desiredApp(key: AppKey): DesiredApp | undefined {
    return this.#desired.app(key);
  }

  accepted(): readonly AcceptedApp[] {
    return acceptedApps(this.#desired.projects);
  }

  commit(
    fact: Fact | readonly Fact[],
    metaOf: MetaOf = () => undefined,
    made?: Made,
  ): Promise<Result<Commit, Failure>> {
    return this.#enqueue(async () => {
      const { readOnly } = this.#options;
      if (this.#closed || readOnly) return err(closedFailure(readOnly));
      const before = this.#desired.projects;
      const report = (problem: WriteProblem | null): void => this.#writer.report('audit', problem);
      const audit = auditCommit(made, { audit: this.#options.audit, report });
      const { outcome, moves, problem } = await this.#desired.write([fact].flat(), { metaOf, audit });
      this.#writer.reportProjects(problem);
      const after = this.#desired.projects;
      this.#counters.rename(moves);
      const changed = changedApps(before, after);
      if (changed.length > 0) await this.#counters.settle(changed, (key) => this.#desired.app(key));
      failpoint('state.committed');
      if (before !== after) this.#committed.tell({ changed, before, after });
      return outcome.ok ? ok({ changed, revisions: outcome.value }) : outcome;
    });
  }

  audit(change: AuditedChange, { mayWait = false } = {}): Promise<Result<number | null, Failure>> {
    return this.#enqueue(() => {
      const { readOnly, audit } = this.#options;
      if (this.#closed || readOnly) return Promise.resolve(err(closedFailure(readOnly)));
      return auditAct(change, { audit, mayWait, report: (problem) => this.#writer.report('audit', problem) });
    });
  }

  onCommit(listener: (committed: Committed) => void): Cancel {
    return this.#committed.add(listener);
  }

  unwritten(): Unwritten | null {
    return this.#writer.unwritten();
  }

  onUnwritten(listener: (unwritten: Unwritten | null) => void): Cancel {
    return this.#writer.follow(listener);
  }

  async revisions(project: string): Promise<readonly Revision[]> {
    const { layout, retention, readOnly } = this.#options;
    const waiting = this.#desired.unwrittenRevisions(project);
    const written = await readRevisions(layout.revisions, project, this.project(project)?.revision ?? 0);
    const own = written.filter(({ revision }) => waiting.every((other) => other.revision !== revision));
    return [...waiting.toReversed(), ...own].slice(0, readOnly ? undefined : retention().revisions);
  }

  async revision(project: string, revision: number): Promise<Result<Revision, Failure>> {
    const waiting = this.#desired.unwrittenRevisions(project).find((one) => one.revision === revision);
    if (waiting !== undefined) return ok(waiting);
    return readRevision(this.#options.layout.revisions, project, revision);
  }

  appendEvent(event: NewEvent): EventRecord {
    const record = this.#events.append(this.#shown(event));
    this.#followers.tell(record);
    return record;
  }

  announce(event: NewEvent): EventRecord {
    const record = { ...this.#shown(event), seq: this.#events.lastSeq };
    this.#passing.add(record);
    this.#followers.tell(record);
    return record;
  }

  #shown(event: NewEvent): NewEvent {
    return shownEvent(event, event.key === null ? undefined : this.#desired.app(event.key)?.spec);
  }

  async events(query: EventsQuery): Promise<readonly EventRecord[]> {
    return this.#passing.mixedInto(await this.#events.read(query), query);
  }

  resumeAt(after: number): number {
    return this.#events.resumeAt(after);
  }

  subscribe(listener: (event: EventRecord) => void): Cancel {
    return this.#followers.add(listener);
  }

  history(key: AppKey): AppHistory {
    return this.#counters.history(key);
  }

  histories(): readonly AppHistory[] {
    return this.#counters.histories();
  }

  recordHistory(key: AppKey, slots: readonly SlotHistory[]): void {
    this.#counters.setSlots(key, slots);
  }

  recordHooks(key: AppKey, hooks: readonly HookRecord[]): void {
    this.#counters.setHooks(key, hooks);
  }

  recordCronTick(key: AppKey, at: number): void {
    this.#counters.setCronTick(key, at);
  }

  idOf(key: AppKey, slot: number): number {
    return this.#counters.idOf(key, slot);
  }

  async flush(): Promise<Result<void, Failure>> {
    const problem = await this.#counters.flush();
    return problem === null ? ok(undefined) : err(writeFailure(problem));
  }

  settle(): Promise<Unwritten | null> {
    return this.#writer.settle();
  }

  async close(): Promise<Unwritten | null> {
    const left = await this.settle();
    return this.#enqueue(() => {
      this.#closed = true;
      this.#writer.close();
      this.#followers.clear();
      this.#committed.clear();
      this.#events.close();
      return Promise.resolve(left);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function closedFailure(readOnly: boolean): Failure {
  return {
    code: 'STATE_WRITE',
    message: `cannot save the state: it ${readOnly ? 'was opened for reading only' : 'is closed'}`,
  };
}
