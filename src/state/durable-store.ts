import { appKey, splitAppKey, type AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { Listeners } from '../lib/listeners.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { AcceptedApp, DesiredApp, SlotHistory } from '../plan/model/types.ts';
import { createAppHistories, type AppHistories } from './disk/app-histories.ts';
import { acceptedApps, desiredApps } from './desired/desired.ts';
import { writeStateFile } from './disk/durable-file.ts';
import type { EventLog, EventsQuery, NewEvent } from './events/event-log.ts';
import { createInstanceIds, type InstanceIds } from './disk/instance-ids.ts';
import type { StateLayout } from './disk/layout.ts';
import type { LoadedState } from './disk/load.ts';
import { PassingEvents } from './events/passing-events.ts';
import { movesOf, type Move } from './desired/moves.ts';
import { reduce, type Projects } from './desired/reducer.ts';
import {
  copyRevisions,
  dropOldRevisions,
  readRevision,
  readRevisions,
  writeRevision,
} from './disk/revisions.ts';
import { revisionOf } from './desired/revision-of.ts';
import { createSerialQueue } from './serial-queue.ts';
import { shownEvent } from './shown-event.ts';
import { writeFailure } from './disk/state-failures.ts';
import type {
  AppHistory,
  Commit,
  EventRecord,
  Fact,
  ProjectRecord,
  Revision,
  RevisionMeta,
} from './model/types.ts';

interface DurableStoreOptions {
  readonly layout: StateLayout;
  readonly loaded: LoadedState;
  readonly events: EventLog;
  readonly readOnly: boolean;
  readonly coalesceMs: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** The store over a folder; made by `openStore`, see `Store`. Memory follows the disk: a record is replaced once it is durable. */
export class DurableStore implements AsyncDisposable {
  readonly notices: readonly string[];
  readonly #options: DurableStoreOptions;
  readonly #enqueue = createSerialQueue();
  readonly #listeners: Listeners<EventRecord>;
  readonly #histories: AppHistories;
  readonly #ids: InstanceIds;
  readonly #passing = new PassingEvents();
  #projects: Projects;
  #desired: readonly DesiredApp[];
  #cancelFlush: Cancel | null = null;
  #closed = false;

  constructor(options: DurableStoreOptions) {
    this.#options = options;
    this.notices = options.loaded.notices;
    this.#listeners = new Listeners(options.onError);
    this.#projects = options.loaded.projects;
    this.#desired = desiredApps(this.#projects);
    this.#histories = createAppHistories(options.loaded.histories);
    this.#ids = createInstanceIds(options.loaded.ids);
    this.#ids.retain(new Set(this.#desired.map((app) => app.key)));
  }

  records(): Projects {
    return this.#projects;
  }

  projects(): readonly ProjectRecord[] {
    return [...this.#projects.values()];
  }

  project(name: string): ProjectRecord | undefined {
    return this.#projects.get(name);
  }

  desired(): readonly DesiredApp[] {
    return this.#desired;
  }

  accepted(): readonly AcceptedApp[] {
    return acceptedApps(this.#projects);
  }

  async commit(fact: Fact | readonly Fact[], meta?: RevisionMeta): Promise<Result<Commit, Failure>> {
    return this.#enqueue(async () => {
      if (this.#closed || this.#options.readOnly) return err(closedFailure(this.#options.readOnly));
      const before = this.#projects;
      const facts = [fact].flat();
      const after = facts.reduce(reduce, before);
      const moved = movesAmong(before, facts);
      const isGiving = ({ project }: ProjectRecord): boolean =>
        moved.some(({ fact }) => fact.from === project && fact.to !== project);
      // Who is given apps comes first: what is on disk twice after a crash is mended, what is there no more is lost.
      const records = [...after.values()]
        .filter((record) => before.get(record.project) !== record)
        .sort((a, b) => Number(isGiving(a)) - Number(isGiving(b)));
      const copied = await this.#copyRevisions(moved, before);
      if (!copied.ok) return copied;
      const saved = new Map(before);
      const revisions: { project: string; revision: number }[] = [];
      for (const record of records) {
        const isNew = record.revision !== before.get(record.project)?.revision;
        const [dated] = facts.filter((one) => 'at' in one);
        const at = dated?.at ?? this.#options.clock.now();
        const written = await this.#save(record, isNew ? revisionOf(record, at, meta) : null);
        if (!written.ok) {
          this.#take(saved);
          return written;
        }
        saved.set(record.project, record);
        // A move is known whole or not at all: in between nobody would have the processes, or two would.
        if (moved.length === 0) this.#take(saved);
        if (isNew) revisions.push({ project: record.project, revision: record.revision });
      }
      this.#take(saved);
      for (const { from, to } of moved.flatMap(({ moves }) => moves)) {
        this.#histories.rename(from, to);
        this.#ids.rename(from, to);
      }
      const changed = records.flatMap((record) => changedApps(before.get(record.project), record));
      if (changed.length > 0) await this.#settle(changed);
      return ok({ changed, revisions });
    });
  }

  async revisions(project: string): Promise<readonly Revision[]> {
    const newest = this.#projects.get(project)?.revision ?? 0;
    return readRevisions(this.#options.layout.revisions, project, newest);
  }

  async revision(project: string, revision: number): Promise<Result<Revision, Failure>> {
    return readRevision(this.#options.layout.revisions, project, revision);
  }

  appendEvent(event: NewEvent): EventRecord {
    const record = this.#options.events.append(this.#shown(event));
    this.#listeners.tell(record);
    return record;
  }

  announce(event: NewEvent): EventRecord {
    const record = { ...this.#shown(event), seq: this.#options.events.lastSeq };
    this.#passing.add(record);
    this.#listeners.tell(record);
    return record;
  }

  #shown(event: NewEvent): NewEvent {
    if (event.key === null) return shownEvent(event, undefined);
    const { project, name } = splitAppKey(event.key);
    return shownEvent(event, this.#projects.get(project)?.apps[name]?.spec);
  }

  async events(query: EventsQuery): Promise<readonly EventRecord[]> {
    return this.#passing.mixedInto(await this.#options.events.read(query), query);
  }

  subscribe(listener: (event: EventRecord) => void): Cancel {
    return this.#listeners.add(listener);
  }

  history(key: AppKey): AppHistory {
    return this.#histories.get(key);
  }

  histories(): readonly AppHistory[] {
    return this.#histories.all();
  }

  recordHistory(key: AppKey, slots: readonly SlotHistory[]): void {
    this.#histories.setSlots(key, slots);
    this.#flushSoon();
  }

  recordCronTick(key: AppKey, at: number): void {
    this.#histories.setCronTick(key, at);
    this.#flushSoon();
  }

  idOf(key: AppKey, slot: number): number {
    const id = this.#ids.idOf(key, slot);
    this.#flushSoon();
    return id;
  }

  async flush(): Promise<Result<void, Failure>> {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    return this.#enqueue(() => this.#writeCounters());
  }

  async close(): Promise<Result<void, Failure>> {
    const flushed = await this.flush();
    return this.#enqueue(() => {
      this.#cancelFlush?.();
      this.#closed = true;
      this.#listeners.clear();
      this.#options.events.close();
      return Promise.resolve(flushed);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #take(projects: Projects): void {
    if (projects === this.#projects) return;
    this.#projects = new Map(projects);
    this.#desired = desiredApps(this.#projects);
  }

  async #copyRevisions(moved: readonly MovedApps[], before: Projects): Promise<Result<void, Failure>> {
    const { layout } = this.#options;
    for (const { fact, moves } of moved) {
      const newest = before.get(fact.from)?.revision;
      if (fact.from === fact.to || newest === undefined) continue;
      const names = new Map(moves.map(({ from, to }) => [from, to]));
      const nameOf = (key: AppKey): AppKey => names.get(key) ?? appKey(fact.to, splitAppKey(key).name);
      try {
        await copyRevisions(layout.revisions, { from: fact.from, to: fact.to, newest, names: nameOf });
      } catch (error) {
        return err(writeFailure(layout.revisions, error));
      }
    }
    return ok(undefined);
  }

  /** The revision first: the project file is what makes it true. */
  async #save(record: ProjectRecord, revision: Revision | null): Promise<Result<void, Failure>> {
    const { layout, onError } = this.#options;
    const path = layout.projectFile(record.project);
    try {
      if (revision !== null) await writeRevision(layout.revisions, revision);
      await writeStateFile(path, record);
    } catch (error) {
      return err(writeFailure(path, error));
    }
    // Old revisions that stay a while longer harm nobody.
    if (revision !== null) {
      await dropOldRevisions(layout.revisions, record.project, record.revision).catch(onError);
    }
    return ok(undefined);
  }

  /** Numbers for new slots, and nothing left of apps that went away. */
  async #settle(changed: readonly AppKey[]): Promise<void> {
    const present = new Set(this.#desired.map((app) => app.key));
    for (const key of changed) if (!present.has(key)) this.#histories.forget(key);
    this.#ids.retain(present);
    for (const { key, spec } of this.#desired) {
      for (let slot = 0; slot < spec.instances; slot++) this.#ids.idOf(key, slot);
    }
    const written = await this.#writeCounters();
    if (!written.ok) this.#options.onError(written.error);
  }

  #flushSoon(): void {
    if (this.#cancelFlush !== null || this.#closed || this.#options.readOnly) return;
    this.#cancelFlush = this.#options.clock.after(this.#options.coalesceMs, () => {
      this.#cancelFlush = null;
      void this.flush().then((flushed) => {
        if (!flushed.ok) this.#options.onError(flushed.error);
      });
    });
  }

  async #writeCounters(): Promise<Result<void, Failure>> {
    if (this.#options.readOnly || this.#closed) return ok(undefined);
    const { layout } = this.#options;
    const failures: Failure[] = [];
    for (const data of this.#histories.takeChanges()) {
      const path = layout.historyFile(data.project);
      await writeStateFile(path, data).catch((error: unknown) => {
        this.#histories.markChanged(data.project);
        failures.push(writeFailure(path, error));
      });
    }
    const ids = this.#ids.takeChanges();
    if (ids !== undefined) {
      await writeStateFile(layout.ids, ids).catch((error: unknown) => {
        this.#ids.markChanged();
        failures.push(writeFailure(layout.ids, error));
      });
    }
    const [failure] = failures;
    return failure === undefined ? ok(undefined) : err(failure);
  }
}

interface MovedApps {
  readonly fact: Extract<Fact, { kind: 'apps-moved' }>;
  readonly moves: readonly Move[];
}

function movesAmong(before: Projects, facts: readonly Fact[]): readonly MovedApps[] {
  let projects = before;
  const moved: MovedApps[] = [];
  for (const fact of facts) {
    if (fact.kind === 'apps-moved') moved.push({ fact, moves: movesOf(projects, fact) });
    projects = reduce(projects, fact);
  }
  return moved.filter(({ moves }) => moves.length > 0);
}

function changedApps(before: ProjectRecord | undefined, after: ProjectRecord): readonly AppKey[] {
  const names = new Set([...Object.keys(before?.apps ?? {}), ...Object.keys(after.apps)]);
  return [...names]
    .filter((name) => before?.apps[name] !== after.apps[name])
    .map((name) => appKey(after.project, name));
}

function closedFailure(readOnly: boolean): Failure {
  return {
    code: 'STATE_WRITE',
    message: `cannot save the state: it ${readOnly ? 'was opened for reading only' : 'is closed'}`,
  };
}
