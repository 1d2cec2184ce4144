import { readdirSync, realpathSync, type Dirent } from 'node:fs';
import { isOutOfDescriptors } from '../lib/system-error.ts';

/** Names and real paths during one reading: each folder is listed once. */
export class DiskView {
  readonly #entries = new Map<string, readonly Dirent[]>();
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #real = new Map<string, string>();

  /** Names in a folder; none where it cannot be listed. Throws where no descriptor is left: nothing is known then. */
  namesIn(folder: string): ReadonlySet<string> {
    const known = this.#names.get(folder);
    if (known !== undefined) return known;
    const names = new Set(this.entriesIn(folder).map(({ name }) => name));
    this.#names.set(folder, names);
    return names;
  }

  /** What is in a folder, in a fixed order, so that bounds cut off the same ones each time. */
  entriesIn(folder: string): readonly Dirent[] {
    const known = this.#entries.get(folder);
    if (known !== undefined) return known;
    const entries = listed(folder);
    this.#entries.set(folder, entries);
    return entries;
  }

  /** A path without links; of one that leads nowhere the path itself. */
  realPath(path: string): string {
    const known = this.#real.get(path);
    if (known !== undefined) return known;
    const real = resolved(path);
    this.#real.set(path, real);
    return real;
  }
}

function listed(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error;
    return [];
  }
}

function resolved(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
