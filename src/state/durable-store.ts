import type { AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { Listeners } from '../lib/listeners.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { AcceptedApp, DesiredApp } from '../plan/model/desired.ts';
import type { SlotHistory } from '../plan/model/observed.ts';
import { Counters } from './counters.ts';
import { changedApps, DesiredState, type MetaOf } from './desired-state.ts';
import { acceptedApps } from './desired/desired.ts';
import type { Projects } from './desired/reducer.ts';
import type { StateLayout } from './disk/layout.ts';
import type { LoadedState } from './disk/load.ts';
import { readRevision, readRevisions } from './disk/revisions.ts';
import type { EventLog, EventsQuery, NewEvent } from './events/event-log.ts';
import { PassingEvents } from './events/passing-events.ts';
import { createSerialQueue } from './serial-queue.ts';
import { shownEvent } from './shown-event.ts';
import type { Committed, Store } from './store.ts';
import type { AppHistory, Commit, EventRecord, Fact, ProjectRecord, Revision } from './model/types.ts';
import { failpoint } from '../lib/failpoints/failpoint.ts';

export interface DurableStoreOptions {
  readonly layout: StateLayout;
  readonly loaded: LoadedState;
  readonly events: EventLog;
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
  readonly #passing = new PassingEvents();
  readonly #followers: Listeners<EventRecord>;
  readonly #committed: Listeners<Committed>;
  #closed = false;

  constructor(options: DurableStoreOptions) {
    const { loaded, layout, clock, onError } = options;
    this.#options = options;
    this.notices = loaded.notices;
    this.#followers = new Listeners(onError);
    this.#committed = new Listeners(onError);
    this.#desired = new DesiredState({
      layout,
      projects: loaded.projects,
      now: () => clock.now(),
      onError,
    });
    this.#counters = new Counters({ ...options, desired: this.#desired.apps, enqueue: this.#enqueue });
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

  commit(fact: Fact | readonly Fact[], metaOf: MetaOf = () => undefined): Promise<Result<Commit, Failure>> {
    return this.#enqueue(async () => {
      const { readOnly } = this.#options;
      if (this.#closed || readOnly) return err(closedFailure(readOnly));
      const before = this.#desired.projects;
      const { outcome, moves } = await this.#desired.write([fact].flat(), metaOf);
      const after = this.#desired.projects;
      this.#counters.rename(moves);
      const changed = changedApps(before, after);
      if (changed.length > 0) await this.#counters.settle(changed, this.#desired.apps);
      failpoint('state.committed');
      if (before !== after) this.#committed.tell({ changed, before, after });
      return outcome.ok ? ok({ changed, revisions: outcome.value }) : outcome;
    });
  }

  onCommit(listener: (committed: Committed) => void): Cancel {
    return this.#committed.add(listener);
  }

  revisions(project: string): Promise<readonly Revision[]> {
    const newest = this.project(project)?.revision ?? 0;
    return readRevisions(this.#options.layout.revisions, project, newest);
  }

  revision(project: string, revision: number): Promise<Result<Revision, Failure>> {
    return readRevision(this.#options.layout.revisions, project, revision);
  }

  appendEvent(event: NewEvent): EventRecord {
    const record = this.#options.events.append(this.#shown(event));
    this.#followers.tell(record);
    return record;
  }

  announce(event: NewEvent): EventRecord {
    const record = { ...this.#shown(event), seq: this.#options.events.lastSeq };
    this.#passing.add(record);
    this.#followers.tell(record);
    return record;
  }

  #shown(event: NewEvent): NewEvent {
    return shownEvent(event, event.key === null ? undefined : this.#desired.app(event.key)?.spec);
  }

  async events(query: EventsQuery): Promise<readonly EventRecord[]> {
    return this.#passing.mixedInto(await this.#options.events.read(query), query);
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

  recordCronTick(key: AppKey, at: number): void {
    this.#counters.setCronTick(key, at);
  }

  idOf(key: AppKey, slot: number): number {
    return this.#counters.idOf(key, slot);
  }

  flush(): Promise<Result<void, Failure>> {
    return this.#counters.flush();
  }

  async close(): Promise<Result<void, Failure>> {
    const flushed = await this.flush();
    return this.#enqueue(() => {
      this.#closed = true;
      this.#counters.close();
      this.#followers.clear();
      this.#committed.clear();
      this.#options.events.close();
      return Promise.resolve(flushed);
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
