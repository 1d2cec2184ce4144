import { FollowedFile, type FollowOptions } from './followed-file.ts';
import type { FileWatch } from './folder-watch.ts';
import { firstTimeOf, LogPart } from '../parts/log-part.ts';
import type { LogBook } from '../books.ts';
import type { LogFile } from '../parts/log-source.ts';

/** A file whose app is gone is read for so long yet: its processes may take that long to end. */
const LEAVING_MS = 10_000;

export interface FollowedSetOptions extends FollowOptions {
  readonly book: LogBook;
  readonly watch: FileWatch;
  /** When the following began: of a log that comes later, what is older is not new. Epoch milliseconds. */
  readonly begun: number;
}

/** The files that are followed: they change as apps and instances come and go. */
export class FollowedSet {
  readonly #options: FollowedSetOptions;
  readonly #files = new Map<string, FollowedFile>();
  /** Since when they are on the list no more, by path. */
  readonly #leaving = new Map<string, number>();
  #list: readonly FollowedFile[] = [];
  #seen: readonly LogFile[] | null = null;

  constructor(options: FollowedSetOptions) {
    this.#options = options;
  }

  /** One that was there from the beginning. */
  add(followed: FollowedFile): void {
    this.#files.set(followed.file.path, followed);
  }

  /** Those that are followed now; the same list while nothing has changed. */
  async files(): Promise<readonly FollowedFile[]> {
    const { book, clock, watch } = this.#options;
    const wanted = book.files();
    const isSame = wanted === this.#seen;
    const isOver = [...this.#leaving.values()].some((since) => clock.monotonic() - since > LEAVING_MS);
    if (isSame && !isOver) return this.#list;
    this.#seen = wanted;
    const paths = new Set(wanted.map(({ path }) => path));
    for (const file of wanted) {
      this.#leaving.delete(file.path);
      const known = this.#files.get(file.path);
      if (known === undefined) this.#files.set(file.path, await this.#begin(file));
      else known.file = file;
    }
    for (const path of this.#files.keys()) {
      if (paths.has(path)) continue;
      const since = this.#leaving.get(path) ?? clock.monotonic();
      this.#leaving.set(path, since);
      if (clock.monotonic() - since > LEAVING_MS) await this.#drop(path);
    }
    this.#list = [...this.#files.values()];
    watch.watch(this.#list.map(({ file }) => file.path));
    return this.#list;
  }

  async close(): Promise<void> {
    for (const path of [...this.#files.keys()]) await this.#drop(path);
  }

  async #drop(path: string): Promise<void> {
    const followed = this.#files.get(path);
    this.#files.delete(path);
    this.#leaving.delete(path);
    await followed?.close();
  }

  /** A log that has come meanwhile: from where it was when the following began. */
  async #begin(file: LogFile): Promise<FollowedFile> {
    const { context, begun } = this.#options;
    const part = await LogPart.open(file.path, context);
    if (part === null) return new FollowedFile(file, null, this.#options);
    const first = await firstTimeOf(file.path, context);
    // All of it is new, or as far as can be told none of it is from before.
    const isNew = first === null ? part.identity.born >= begun || part.covered === 0 : first >= begun;
    const offset = isNew ? 0 : ((await part.times.offsetAt(begun)) ?? Math.min(part.covered, part.size));
    return new FollowedFile(file, { part, offset }, this.#options);
  }
}
