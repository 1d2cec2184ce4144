import type { Clock } from '../lib/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { DurableStore } from './durable-store.ts';
import { EventLog } from './events/event-log.ts';
import { stateLayout } from './disk/layout.ts';
import { loadState, prepareFolders } from './disk/load.ts';
import { writeFailure } from './disk/state-failures.ts';
import type { Store } from './store.ts';

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
  /** Gets errors that no caller can be told of: a listener that threw, an event that could not be written. */
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
