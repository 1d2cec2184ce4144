import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readSmall } from './read-file.ts';
import type { CodeReading } from './reading.ts';

/** What is kept of the code of a process, to say later what has changed since. */
export type Manifest = Pick<CodeReading, 'files' | 'place'>;

/** Of more files than these it is only known that something has changed. */
const MAX_FILES = 5_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** In memory, and on disk. */
const KEPT = 50;
const KEPT_ON_DISK = 200;
const ID = /^[0-9a-f]{32}$/;

/**
 * The files of the code that processes were started from, by its identity. Comfort: without one it is not told how many
 * files have changed.
 */
export class Manifests {
  readonly #folder: string;
  readonly #readOnly: boolean;
  readonly #known = new Map<string, Manifest | null>();
  #written = 0;

  constructor(folder: string, { readOnly = false }: { readonly readOnly?: boolean } = {}) {
    this.#folder = folder;
    this.#readOnly = readOnly;
  }

  get(id: string): Manifest | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    try {
      const read = ID.test(id) ? parse(readSmall(join(this.#folder, `${id}.json`), MAX_BYTES)) : null;
      this.#remember(id, read);
      return read;
    } catch {
      // No descriptor is left; whoever asks next may have one.
      return null;
    }
  }

  /** Keeps the files of a code that is started. */
  async keep({ identity: { id }, files, place }: CodeReading): Promise<void> {
    if (this.#readOnly || files.size > MAX_FILES || (this.#known.get(id) ?? null) !== null) return;
    this.#remember(id, { files, place });
    const path = join(this.#folder, `${id}.json`);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const temporary = `${path}.${process.pid}.tmp`;
      await using file = await open(temporary, 'w', 0o600);
      await file.writeFile(JSON.stringify({ place, files: Object.fromEntries(files) }));
      await rename(temporary, path);
      if (this.#written++ % 20 === 0) await this.#prune();
    } catch {
      // It is known for as long as this controller lives.
    }
  }

  #remember(id: string, manifest: Manifest | null): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= KEPT && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(id, manifest);
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    if (names.length <= KEPT_ON_DISK) return;
    const paths = names.map((name) => join(this.#folder, name));
    const times = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
    const oldest = times.sort((a, b) => a.at - b.at).slice(0, names.length - KEPT_ON_DISK);
    await Promise.all(oldest.map(({ path }) => unlink(path)));
  }
}

function parse(bytes: Buffer | null): Manifest | null {
  try {
    const value = JSON.parse(bytes?.toString('utf8') ?? '') as {
      place: string;
      files: Record<string, string>;
    };
    return { place: value.place, files: new Map(Object.entries(value.files)) };
  } catch {
    return null;
  }
}

/** `lib/util.js`, `12 files under api/`, and where it lies when that is all that differs. */
export function describeDifference(before: Manifest | null, after: Manifest): string {
  if (before === null) return '';
  const changed = [...new Set([...before.files.keys(), ...after.files.keys()])]
    .filter((path) => before.files.get(path) !== after.files.get(path))
    .sort();
  const moved = before.place === after.place ? '' : `${before.place} → ${after.place}`;
  return [filesText(changed), moved].filter((text) => text !== '').join(', ');
}

const NAMED = 2;

function filesText(paths: readonly string[]): string {
  if (paths.length === 0) return '';
  if (paths.length <= NAMED) return paths.join(', ');
  const common = commonFolder(paths);
  return `${paths.length} files${common === '' ? '' : ` under ${common}`}`;
}

function commonFolder([first = '', ...rest]: readonly string[]): string {
  let folder = first.slice(0, first.lastIndexOf('/') + 1);
  while (folder !== '' && !rest.every((path) => path.startsWith(folder))) {
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  }
  return folder;
}
