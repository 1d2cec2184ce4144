import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { isObject } from '../../lib/checks.ts';
import type { Failure } from '../../lib/failure.ts';
import { Listeners } from '../../lib/listeners.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { readStateFile, writeStateFile } from '../disk/durable-file.ts';
import { writeFailure, writeProblem } from '../disk/state-failures.ts';
import { createSerialQueue } from '../serial-queue.ts';
import type { Allowable } from '../../plan/guards/allowable.ts';
import { frozenFailure, holds, type Freeze } from './freeze.ts';

export interface FreezeBookOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly readOnly: boolean;
  readonly onError: (error: unknown) => void;
}

/** The freezes of a home, on disk and in memory. */
export class FreezeBook {
  readonly #options: FreezeBookOptions;
  readonly #enqueue = createSerialQueue();
  readonly #followers: Listeners<void>;
  #freezes: readonly Freeze[];
  #cancel: Cancel | null = null;

  /** `freezes`: as they are on disk. */
  constructor(options: FreezeBookOptions, freezes: readonly Freeze[]) {
    this.#options = options;
    this.#freezes = freezes;
    this.#followers = new Listeners(options.onError);
    this.#waitForEnd();
  }

  /** Those that hold now. */
  list(): readonly Freeze[] {
    const now = this.#options.clock.now();
    return this.#freezes.filter((freeze) => holds(freeze, now));
  }

  /** Why something may not be done to these projects now; null: it may. */
  refusal(verb: Allowable, projects: readonly string[]): Failure | null {
    return frozenFailure({ verb, projects }, this.#freezes, this.#options.clock.now());
  }

  /** Adds freezes, each in the place of the one of the same project. Fails with STATE_WRITE; then nothing has changed. */
  add(freezes: readonly Freeze[]): Promise<Result<void, Failure>> {
    const named = new Set(freezes.map(({ project }) => project));
    return this.#change(() => [...this.list().filter(({ project }) => !named.has(project)), ...freezes]);
  }

  /** Lifts those of the projects; null: that of everything. Resolves with those that were lifted. */
  async lift(projects: ReadonlySet<string | null>): Promise<Result<readonly Freeze[], Failure>> {
    const lifted = this.list().filter(({ project }) => projects.has(project));
    const changed = await this.#change(() => this.list().filter(({ project }) => !projects.has(project)));
    return changed.ok ? ok(lifted) : changed;
  }

  /** Calls `listener` after every change, also when one has ended by itself, until the returned function is called. */
  onChange(listener: () => void): Cancel {
    return this.#followers.add(listener);
  }

  close(): void {
    this.#cancel?.();
    this.#followers.clear();
  }

  #change(next: () => readonly Freeze[]): Promise<Result<void, Failure>> {
    return this.#enqueue(async () => {
      const { path } = this.#options;
      const freezes = next();
      try {
        await writeStateFile(path, { freezes });
      } catch (error) {
        return err(writeFailure(writeProblem(path, error)));
      }
      this.#freezes = freezes;
      this.#waitForEnd();
      this.#followers.tell();
      return ok(undefined);
    });
  }

  #waitForEnd(): void {
    const { clock, readOnly } = this.#options;
    this.#cancel?.();
    this.#cancel = null;
    const ends = this.list().flatMap(({ until }) => (until === null ? [] : [until]));
    if (ends.length === 0 || readOnly) return;
    this.#cancel = clock.after(Math.min(...ends) - clock.now(), () => {
      this.#waitForEnd();
      this.#followers.tell();
    });
  }
}

/** Reads the freezes of a home; those that cannot be read are gone, and a notice says so. */
export async function openFreezes(
  options: FreezeBookOptions,
): Promise<{ readonly freezes: FreezeBook; readonly notice: string | null }> {
  const { path, clock, readOnly } = options;
  const isUsable = (data: unknown): boolean => isObject(data) && Array.isArray(data.freezes);
  const read = await readStateFile(path, { repair: !readOnly, now: clock.now(), isUsable });
  const data = read.ok ? (read.value.data as { readonly freezes: readonly Freeze[] } | undefined) : undefined;
  const notice = read.ok ? read.value.notice : `${read.error.failure.message}; nothing is frozen`;
  return { freezes: new FreezeBook(options, data?.freezes ?? []), notice };
}
