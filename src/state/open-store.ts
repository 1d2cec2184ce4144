import type { Clock } from '../lib/clocks/clock.ts';
import { splitAppKey } from '../lib/app-key.ts';
import { FailureError, type Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { DurableStore } from './durable-store.ts';
import { AuditLog } from './audit/audit-log.ts';
import { cameAbout } from './audit/came-about.ts';
import { EventLog, type EventLogOptions } from './events/event-log.ts';
import { KnownFiles } from './disk/known-files.ts';
import { stateLayout, type StateLayout } from './disk/layout.ts';
import { loadState, prepareFolders, type LoadedState } from './disk/load.ts';
import { openFailure, writeFailure } from './disk/state-failures.ts';
import { USUAL_RETENTION, type Retention } from './model/retention.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  /** `<home>/state`; made when missing, unless `readOnly`. */
  readonly dir: string;
  readonly clock: Clock;
  /** For a command without a daemon: creates and writes nothing, and takes a missing folder as a new home. */
  readonly readOnly?: boolean;
  /** How much is kept from now on; absent: as usual. */
  readonly retention?: () => Retention;
  /** History is written at most this often, in milliseconds. */
  readonly coalesceMs?: number;
  /** Gets errors that no caller can be told of: a listener that threw, an event that could not be written. */
  readonly onError?: (error: unknown) => void;
}

/** The audit log goes on in another file then. */
const MAX_AUDIT_BYTES = 8 * 1024 * 1024;
const DEFAULT_COALESCE_MS = 200;

/** Reads the state of a home. Fails with STATE_UNREADABLE, STATE_NEWER or STATE_WRITE; then nothing is to be run. */
export async function openStore(options: StoreOptions): Promise<Result<Store, Failure>> {
  const layout = stateLayout(options.dir);
  const readOnly = options.readOnly ?? false;
  const onError = options.onError ?? (() => undefined);
  try {
    const unmade = readOnly ? null : await prepareFolders(layout);
    if (unmade !== null) return err(writeFailure(unmade));
    const loaded = await loadState(layout, { readOnly, now: options.clock.now() });
    if (!loaded.ok) return loaded;
    const now = options.clock.now();
    const retention = options.retention ?? (() => USUAL_RETENTION);
    const maxBytes = (): number => retention().eventFileBytes;
    const openEvents = (onWritten: EventLogOptions['onWritten']): EventLog =>
      new EventLog({ path: layout.events, maxBytes, readOnly, now, onWritten });
    const known = new KnownFiles();
    if (!readOnly) await known.learn(filesOf(loaded.value, layout));
    const coalesceMs = options.coalesceMs ?? DEFAULT_COALESCE_MS;
    const { projects } = loaded.value;
    const audit = new AuditLog({
      folder: layout.audit,
      maxBytes: MAX_AUDIT_BYTES,
      now: () => options.clock.now(),
      cameAbout: (entry) => cameAbout(entry, projects),
    });
    if (!readOnly) await audit.open();
    const store = new DurableStore({
      layout,
      loaded: loaded.value,
      known,
      openEvents,
      audit,
      retention,
      readOnly,
      coalesceMs,
      clock: options.clock,
      onError,
    });
    return ok(store);
  } catch (error) {
    if (error instanceof FailureError) return err(error.failures[0]);
    return err(openFailure(layout.root, error));
  }
}

/** Every file that holds what is in memory too. */
function filesOf({ projects, histories }: LoadedState, layout: StateLayout): readonly string[] {
  const counted = new Set(histories.map(({ key }) => splitAppKey(key).project));
  return [
    ...[...projects.keys()].map((project) => layout.projectFile(project)),
    ...[...counted].map((project) => layout.historyFile(project)),
    layout.ids,
  ];
}
