import type { AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { SlotHistory } from '../plan/model/observed.ts';
import type { Move } from './desired/moves.ts';
import { createAppHistories, type AppHistories, type ProjectHistoryData } from './disk/app-histories.ts';
import { writeStateFile } from './disk/durable-file.ts';
import { createInstanceIds, type InstanceIds } from './disk/instance-ids.ts';
import type { StateLayout } from './disk/layout.ts';
import type { LoadedState } from './disk/load.ts';
import { writeFailure } from './disk/state-failures.ts';
import type { SerialQueue } from './serial-queue.ts';
import type { AppHistory } from './model/types.ts';
import { failpoint } from '../lib/failpoints/failpoint.ts';

export interface CountersOptions {
  readonly layout: StateLayout;
  readonly loaded: Pick<LoadedState, 'histories' | 'ids'>;
  readonly desired: readonly DesiredApp[];
  readonly readOnly: boolean;
  readonly coalesceMs: number;
  readonly clock: Clock;
  /** Writes wait here for their turn. */
  readonly enqueue: SerialQueue;
  readonly onError: (error: unknown) => void;
}

/**
 * Counts that are kept beside the desired state: histories of slots, numbers of instances. A change is known at once
 * and written soon.
 */
export class Counters {
  readonly #options: CountersOptions;
  readonly #histories: AppHistories;
  readonly #ids: InstanceIds;
  #cancelFlush: Cancel | null = null;
  #isClosed = false;

  constructor(options: CountersOptions) {
    const { loaded, desired } = options;
    this.#options = options;
    this.#histories = createAppHistories(loaded.histories);
    this.#ids = createInstanceIds(loaded.ids);
    this.#ids.retain(new Set(desired.map(({ key }) => key)));
  }

  history(key: AppKey): AppHistory {
    return this.#histories.get(key);
  }

  histories(): readonly AppHistory[] {
    return this.#histories.all();
  }

  setSlots(key: AppKey, slots: readonly SlotHistory[]): void {
    this.#histories.setSlots(key, slots);
    this.#flushSoon();
  }

  setCronTick(key: AppKey, at: number): void {
    this.#histories.setCronTick(key, at);
    this.#flushSoon();
  }

  idOf(key: AppKey, slot: number): number {
    const id = this.#ids.idOf(key, slot);
    this.#flushSoon();
    return id;
  }

  /** Follows the apps under their new names. */
  rename(moves: readonly Move[]): void {
    for (const { from, to } of moves) {
      this.#histories.rename(from, to);
      this.#ids.rename(from, to);
    }
  }

  /**
   * Follows a commit: numbers new slots, forgets apps that went away, and writes. Runs in the turn of that commit.
   */
  async settle(changed: readonly AppKey[], desired: readonly DesiredApp[]): Promise<void> {
    const present = new Set(desired.map(({ key }) => key));
    for (const key of changed) if (!present.has(key)) this.#histories.forget(key);
    this.#ids.retain(present);
    for (const { key, spec } of desired) {
      for (let slot = 0; slot < spec.instances; slot++) this.#ids.idOf(key, slot);
    }
    const written = await this.#write();
    if (!written.ok) this.#options.onError(written.error);
  }

  flush(): Promise<Result<void, Failure>> {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    return this.#options.enqueue(() => this.#write());
  }

  close(): void {
    this.#cancelFlush?.();
    this.#isClosed = true;
  }

  #flushSoon(): void {
    const { readOnly, clock, coalesceMs, onError } = this.#options;
    if (this.#cancelFlush !== null || this.#isClosed || readOnly) return;
    this.#cancelFlush = clock.after(coalesceMs, () => {
      this.#cancelFlush = null;
      void this.flush().then((flushed) => {
        if (!flushed.ok) onError(flushed.error);
      });
    });
  }

  async #write(): Promise<Result<void, Failure>> {
    const { readOnly, layout } = this.#options;
    if (readOnly || this.#isClosed) return ok(undefined);
    const failures: Failure[] = [];
    for (const data of this.#histories.takeChanges()) {
      const path = layout.historyFile(data.project);
      await writeHistory(path, data).catch((error: unknown) => {
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

async function writeHistory(path: string, data: ProjectHistoryData): Promise<void> {
  failpoint('history.flush');
  await writeStateFile(path, data);
  failpoint('history.flushed');
}
