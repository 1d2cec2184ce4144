import { lstat, open, readdir, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../../lib/checks.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { errorCode } from '../../lib/system-error.ts';

/** A record, and when it was used last. */
export interface Kept<R> {
  readonly record: R;
  /** Epoch milliseconds. */
  readonly usedAt: number;
}

/** Records by their ids. */
export interface Book<R> {
  read(id: string): Promise<Kept<R> | null>;
  /** All that can be read. */
  list(): Promise<readonly Kept<R>[]>;
  add(id: string, record: R): Promise<void>;
  /** Whether it was this call that removed it: of two that try at once, one. */
  remove(id: string): Promise<boolean>;
  /** It was used just now. */
  touch(id: string): Promise<void>;
}

const ID = /^[0-9a-f]{32}$/;
const SUFFIX = '.json';
/** A record is a few hundred bytes. */
const MAX_BYTES = 16 * 1024;

/**
 * A file (0600) for each record, in a folder of the home: to add one, or to take one away, changes no other, so commands and
 * daemon need no lock, and what is removed is gone at once. The time of the file is when it was used last.
 */
export function folderBook<R>(folder: string, isRecord: (value: unknown) => value is R): Book<R> {
  const fileOf = (id: string): string | null => (ID.test(id) ? join(folder, `${id}${SUFFIX}`) : null);
  const read = async (id: string): Promise<Kept<R> | null> => {
    const file = fileOf(id);
    if (file === null) return null;
    const stats = await lstat(file).catch(() => null);
    if (stats?.isFile() !== true || stats.size > MAX_BYTES) return null;
    const record = parsed(await readFile(file, 'utf8').catch(() => ''));
    return isRecord(record) ? { record, usedAt: stats.mtimeMs } : null;
  };
  return {
    read,
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      });
      const ids = names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
      const kept = await Promise.all(ids.map(read));
      return kept.filter((one) => one !== null);
    },
    async add(id, record) {
      const file = fileOf(id);
      if (file === null) throw new Error(`no id of a record: ${id}`);
      await makeFolder(folder, 0o700);
      await writeWhole(file, `${JSON.stringify(record, null, 2)}\n`);
    },
    async remove(id) {
      const file = fileOf(id);
      if (file === null) return false;
      try {
        await rm(file);
        return true;
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return false;
        throw error;
      }
    },
    async touch(id) {
      const file = fileOf(id);
      const now = new Date();
      if (file !== null) await utimes(file, now, now).catch(() => undefined);
    },
  };
}

/** After a crash it is there whole, or not at all. */
async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.tmp`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
