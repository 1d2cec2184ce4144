import { readdirSync, realpathSync } from 'node:fs';

/** Names and real paths as they are during one reading: each folder is listed once, whoever asks. */
export class DiskView {
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #real = new Map<string, string>();

  /** Names in a folder; none where it cannot be listed. */
  namesIn(folder: string): ReadonlySet<string> {
    const known = this.#names.get(folder);
    if (known !== undefined) return known;
    const names = new Set(listed(folder));
    this.#names.set(folder, names);
    return names;
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

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
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
