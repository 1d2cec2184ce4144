import type { AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import { SharedWork } from '../lib/turns/shared-work.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { HookRecord } from '../plan/model/hooks.ts';
import type { SlotHistory } from '../plan/model/observed.ts';
import type { Move } from './desired/moves.ts';
import { createAppHistories, type AppHistories, type ProjectHistoryData } from './disk/app-histories.ts';
import { removeStateFile, writeStateFile } from './disk/durable-file.ts';
import { createInstanceIds, type InstanceIds } from './disk/instance-ids.ts';
import type { StateLayout } from './disk/layout.ts';
import type { LoadedState } from './disk/load.ts';
import type { KnownFiles } from './disk/known-files.ts';
import { writeProblem, type WriteProblem } from './disk/state-failures.ts';
import type { SerialQueue } from './serial-queue.ts';
import type { AppHistory } from './model/types.ts';
import { failpoint } from '../lib/failpoints/failpoint.ts';

export interface CountersOptions {
  readonly layout: StateLayout;
  readonly loaded: Pick<LoadedState, 'histories' | 'ids' | 'outdatedHistories'>;
  readonly known: KnownFiles;
  readonly desired: readonly DesiredApp[];
  readonly readOnly: boolean;
  readonly coalesceMs: number;
  readonly clock: Clock;
  /** Writes wait here for their turn. */
  readonly enqueue: SerialQueue;
  /** Told how every write went; null: all is on disk. */
  readonly onWritten: (problem: WriteProblem | null) => void;
}

/** Of the time writes take one part in four at most. */
const REST_FACTOR = 3;

/**
 * Counts that are kept beside the desired state: histories of slots, numbers of instances. A change is known at once
 * and written soon.
 */
export class Counters {
  readonly #options: CountersOptions;
  readonly #histories: AppHistories;
  readonly #ids: InstanceIds;
  /** Each is of all counts of a project, and every process that ends asks for one. */
  readonly #writes: SharedWork<WriteProblem | null>;
  #cancelFlush: Cancel | null = null;
  #isClosed = false;

  constructor(options: CountersOptions) {
    const { loaded, desired } = options;
    this.#options = options;
    this.#histories = createAppHistories(loaded.histories);
    this.#ids = createInstanceIds(loaded.ids);
    this.#writes = new SharedWork(() => options.enqueue(() => this.write()), options.clock, REST_FACTOR);
    const present = new Set(desired.map(({ key }) => key));
    this.#ids.retain((key) => present.has(key));
    // What tells of apps that are gone is written anew without them, with the next write.
    for (const project of loaded.outdatedHistories) this.#histories.markChanged(project);
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

  setHooks(key: AppKey, hooks: readonly HookRecord[]): void {
    this.#histories.setHooks(key, hooks);
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
  async settle(
    changed: readonly AppKey[],
    desiredApp: (key: AppKey) => DesiredApp | undefined,
  ): Promise<void> {
    for (const key of changed) {
      if (desiredApp(key) === undefined) this.#histories.forget(key);
    }
    this.#ids.retain((key) => desiredApp(key) !== undefined);
    for (const key of changed) {
      const instances = desiredApp(key)?.spec.instances ?? 0;
      for (let slot = 0; slot < instances; slot++) this.#ids.idOf(key, slot);
    }
    await this.write();
  }

  /** The file of a project's history (or, null, of the ids) is not what was written there. */
  lost(project: string | null): void {
    if (project === null) this.#ids.markChanged();
    else this.#histories.markChanged(project);
  }

  /** Writes what has changed; gives what kept it from that, null: nothing. */
  flush(): Promise<WriteProblem | null> {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    return this.#writes.run();
  }

  /** The same, without a rest after the write before: nothing comes afterwards that could share it. */
  flushNow(): Promise<WriteProblem | null> {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    return this.#options.enqueue(() => this.write());
  }

  close(): void {
    this.#cancelFlush?.();
    this.#isClosed = true;
  }

  #flushSoon(): void {
    const { readOnly, clock, coalesceMs } = this.#options;
    if (this.#cancelFlush !== null || this.#isClosed || readOnly) return;
    this.#cancelFlush = clock.after(coalesceMs, () => {
      this.#cancelFlush = null;
      void this.flush();
    });
  }

  /** The same, in the turn of whoever calls. */
  async write(): Promise<WriteProblem | null> {
    const { readOnly, layout, known, onWritten } = this.#options;
    if (readOnly || this.#isClosed) return null;
    const problems: WriteProblem[] = [];
    for (const data of this.#histories.takeChanges()) {
      const path = layout.historyFile(data.project);
      await writeHistory(path, data, known).catch((error: unknown) => {
        this.#histories.markChanged(data.project);
        problems.push(writeProblem(path, error));
      });
    }
    const ids = this.#ids.takeChanges();
    if (ids !== undefined) {
      const written = writeStateFile(layout.ids, ids).then((mark) => known.note(layout.ids, mark));
      await written.catch((error: unknown) => {
        this.#ids.markChanged();
        problems.push(writeProblem(layout.ids, error));
      });
    }
    const [problem = null] = problems;
    onWritten(problem);
    return problem;
  }
}

async function writeHistory(path: string, data: ProjectHistoryData, known: KnownFiles): Promise<void> {
  failpoint('history.flush');
  if (data.apps.length > 0) known.note(path, await writeStateFile(path, data));
  else {
    known.forget(path);
    await removeStateFile(path);
  }
  failpoint('history.flushed');
}
