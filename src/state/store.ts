import type { AppKey } from '../lib/app-key.ts';
import type { Clock } from '../lib/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { AcceptedApp, DesiredApp, SlotHistory } from '../plan/model/types.ts';
import { DurableStore } from './durable-store.ts';
import { EventLog, type EventsQuery, type NewEvent } from './events/event-log.ts';
import { stateLayout } from './disk/layout.ts';
import { loadState, prepareFolders } from './disk/load.ts';
import type { Projects } from './desired/reducer.ts';
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

/** The durable state of a home: the only truth that survives the controller. One writer at a time. */
export interface Store extends AsyncDisposable {
  /** What was found damaged while opening, and how it was mended. */
  readonly notices: readonly string[];
  /** The whole desired state, for `reduce` (a preview is a reduce that is not committed). */
  records(): Projects;
  /** Every project that was ever accepted, sorted by file. */
  projects(): readonly ProjectRecord[];
  project(name: string): ProjectRecord | undefined;
  desired(): readonly DesiredApp[];
  accepted(): readonly AcceptedApp[];
  /**
   * Durable when it resolves with ok; else STATE_WRITE, and what could not be written has not happened. Several facts,
   * in their order, are one write for each project.
   */
  commit(fact: Fact | readonly Fact[], meta?: RevisionMeta): Promise<Result<Commit, Failure>>;
  /** Newest first, at most 20. */
  revisions(project: string): Promise<readonly Revision[]>;
  /** NOT_FOUND when it is not kept any more, STATE_UNREADABLE when its file is damaged. */
  revision(project: string, revision: number): Promise<Result<Revision, Failure>>;
  appendEvent(event: NewEvent): EventRecord;
  /** Tells listeners of an event that is not kept (see passing-events.ts). */
  announce(event: NewEvent): EventRecord;
  events(query: EventsQuery): Promise<readonly EventRecord[]>;
  /** Calls `listener` for every event until the returned function is called; what it throws goes to `onError`. */
  subscribe(listener: (event: EventRecord) => void): () => void;
  history(key: AppKey): AppHistory;
  histories(): readonly AppHistory[];
  /** Known at once, written soon: `flush` before anything that must not be forgotten is acknowledged. */
  recordHistory(key: AppKey, slots: readonly SlotHistory[]): void;
  recordCronTick(key: AppKey, at: number): void;
  /** The number that `get` shows; given out on first use. */
  idOf(key: AppKey, slot: number): number;
  /** Durable when it resolves with ok: all history and ids recorded before the call. */
  flush(): Promise<Result<void, Failure>>;
  /** Flushes and closes; further commits fail. */
  close(): Promise<Result<void, Failure>>;
}

export interface StoreOptions {
  /** `<home>/state`; made when missing, unless `readOnly`. */
  readonly dir: string;
  readonly clock: Clock;
  /** For a command without a daemon: creates and writes nothing, and takes a missing folder as a new home. */
  readonly readOnly?: boolean;
  /** How large the event file grows before it is rotated (one older file is kept). */
  readonly maxEventBytes?: number;
  /** History is written at most this often, in milliseconds. */
  readonly coalesceMs?: number;
  /** Told of what cannot be answered anywhere else: a listener that threw, an event that could not be written. */
  readonly onError?: (error: unknown) => void;
}

const DEFAULT_MAX_EVENT_BYTES = 4 * 1024 * 1024;
const DEFAULT_COALESCE_MS = 200;

/** Reads the state of a home. Fails with STATE_UNREADABLE, STATE_NEWER or STATE_WRITE; then nothing is to be run. */
export async function openStore(options: StoreOptions): Promise<Result<Store, Failure>> {
  const layout = stateLayout(options.dir);
  const readOnly = options.readOnly ?? false;
  const onError = options.onError ?? (() => undefined);
  try {
    if (!readOnly) await prepareFolders(layout);
    const loaded = await loadState(layout, { readOnly, now: options.clock.now() });
    if (!loaded.ok) return loaded;
    const events = new EventLog({
      path: layout.events,
      maxBytes: options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES,
      readOnly,
      onError,
    });
    const coalesceMs = options.coalesceMs ?? DEFAULT_COALESCE_MS;
    const store = new DurableStore({
      layout,
      loaded: loaded.value,
      events,
      readOnly,
      coalesceMs,
      clock: options.clock,
      onError,
    });
    return ok(store);
  } catch (error) {
    return err(writeFailure(layout.root, error));
  }
}
