import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { settingsBytes } from '../../home/settings/settings-file.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { inStep } from '../../lib/clocks/in-step.ts';
import type { Failure } from '../../lib/failure.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { createSerialQueue } from '../../state/serial-queue.ts';
import { keep, type KeptSettings } from './kept-settings.ts';
import type { ReadApart } from './read-apart.ts';
import type { SettingsBook } from './settings-book.ts';

export interface SettingsWatchOptions {
  /** The config.yaml. */
  readonly path: string;
  /** Where what was taken over is kept; null: it is not. */
  readonly keptPath: string | null;
  readonly book: SettingsBook;
  readonly read: (bytes: Buffer) => Promise<ReadApart>;
  readonly clock: Clock;
  /** Told what has become of the file: other values, or why it cannot be used. */
  readonly told: (news: SettingsNews) => void;
  readonly log: (line: string) => void;
  readonly onError: (error: unknown) => void;
}

export type SettingsNews =
  | {
      readonly kind: 'taken';
      readonly before: KeptSettings;
      readonly after: KeptSettings;
      readonly mended: boolean;
    }
  | { readonly kind: 'broken'; readonly failures: readonly Failure[] };

/** An editor replaces a file, and a mount of a container may tell nobody: to ask for its times costs a few microseconds here. */
const LOOK_MS = 1_000;
/** A change that is younger may be followed by another one that the times of the file do not show. */
const FRESH_MS = 50;
/** What has kept the file from being read is no fault of the file, and needs no look each second. */
const AGAIN_MS = 10_000;

/** Looks at the file of the settings, and has the book take over what it says. */
export class SettingsWatch {
  readonly #options: SettingsWatchOptions;
  readonly #enqueue = createSerialQueue();
  /** Of the file as it was looked at last; undefined: it has to be looked at. */
  #mark: string | undefined;
  /** The bytes that were found broken. */
  #brokenHash: string | null = null;
  /** Monotonic: before that, a file that could not be read is not tried again. */
  #notBefore = -Infinity;
  #cancel: Cancel = () => undefined;
  #closed = false;

  constructor(options: SettingsWatchOptions) {
    this.#options = options;
  }

  /** Looks from now on. */
  begin(): void {
    const { after } = inStep(this.#options.clock);
    const round = (): void => {
      const isEarly = this.#options.clock.monotonic() < this.#notBefore;
      (isEarly ? Promise.resolve() : this.look()).catch(this.#options.onError).finally(() => {
        if (!this.#closed) this.#cancel = after(LOOK_MS, round);
      });
    };
    this.#cancel = after(LOOK_MS, round);
  }

  /** Looks now; resolves when what the file says now is taken over, or known to be broken. */
  look(): Promise<void> {
    return this.#enqueue(() => this.#look());
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { path, book, read } = this.#options;
    const mark = markOf(path, this.#options.clock);
    if (mark.text === this.#mark) return;
    const bytes = await settingsBytes(path);
    const remember = (): void => {
      this.#mark = mark.isFresh ? undefined : mark.text;
    };
    if (!bytes.ok) {
      this.#break([bytes.error], JSON.stringify(bytes.error));
      remember();
      return;
    }
    const hash = bytes.value === null ? null : hashOf(bytes.value);
    const isBroken = book.trouble.broken.length > 0;
    const isKnown = isBroken ? hash !== null && hash === this.#brokenHash : hash === book.kept.hash;
    if (isKnown && this.#notBefore === -Infinity) {
      remember();
      return;
    }
    this.#notBefore = -Infinity;
    // What holds already need not be read again.
    if (hash === book.kept.hash) await this.#take(book.kept);
    else if (bytes.value === null || hash === null)
      await this.#take({ values: {}, places: {}, hash: null, takenAt: 0 });
    else {
      const answer = await read(bytes.value);
      if (answer.ok) await this.#take({ values: answer.values, places: answer.places, hash, takenAt: 0 });
      else this.#break(answer.failures, hash);
      if (!answer.ok && answer.passing === true) {
        this.#notBefore = this.#options.clock.monotonic() + AGAIN_MS;
        return;
      }
    }
    remember();
  }

  async #take(said: KeptSettings): Promise<void> {
    const { book, keptPath, clock, told, log } = this.#options;
    const before = book.kept;
    const mended = book.trouble.broken.length > 0;
    const after = { ...said, takenAt: clock.now() };
    this.#brokenHash = null;
    // A disk that is full keeps nobody from them: they would be missed where the file breaks and the controller ends.
    const kept = keptPath === null ? Promise.resolve() : keep(keptPath, after);
    await kept.catch((error: unknown) => log(`settings: cannot be kept: ${errorMessage(error)}`));
    await book.take(after);
    told({ kind: 'taken', before, after, mended });
  }

  #break(failures: readonly Failure[], hash: string): void {
    const { book, told } = this.#options;
    const isNews = hash !== this.#brokenHash;
    this.#brokenHash = hash;
    book.setBroken(failures);
    if (isNews) told({ kind: 'broken', failures });
  }
}

/** What changes whenever the file does. */
function markOf(
  path: string,
  clock: Pick<Clock, 'now'>,
): { readonly text: string; readonly isFresh: boolean } {
  try {
    const { dev, ino, size, mode, mtimeNs, ctimeNs, ctimeMs } = statSync(path, { bigint: true });
    const text = [dev, ino, size, mode, mtimeNs, ctimeNs].join(' ');
    return { text, isFresh: Math.abs(clock.now() - Number(ctimeMs)) < FRESH_MS };
  } catch (error) {
    return { text: errorCode(error) ?? errorMessage(error), isFresh: false };
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
