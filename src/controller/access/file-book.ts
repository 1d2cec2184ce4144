import { randomBytes } from 'node:crypto';
import { lutimes, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Book, Kept } from '../../home/access/book.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { sealEnvelope } from '../../state/disk/envelope.ts';
import { readVersion } from '../../state/disk/read-version.ts';
import { setAsideOne } from '../../state/disk/set-aside.ts';

export interface FileBookOptions<R> {
  readonly folder: string;
  /** Whether what is in the file of `id` is its record. */
  readonly isRecord: (data: unknown, id: string) => data is R & object;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What could not be read. */
  readonly log: (line: string) => void;
}

const ID = /^[0-9a-f]{32}$/;
const TEMPORARY = /^\..*\.tmp$/;
/** A writer that has taken this long was killed. */
const ABANDONED_MS = 60_000;

/**
 * Records that outlive the process: a file each, which is never changed, only made and removed, so that a record is there
 * whole or not at all, whoever writes beside us. When it was used is the time of its file. What cannot be read is no record.
 */
export class FileBook<R> implements Book<R> {
  readonly #options: FileBookOptions<R>;

  constructor(options: FileBookOptions<R>) {
    this.#options = options;
  }

  async read(id: string): Promise<Kept<R> | null> {
    if (!ID.test(id)) return null;
    const { isRecord, now, log } = this.#options;
    const path = this.#path(id);
    const found = await readVersion(path, (data) => isRecord(data, id));
    switch (found.kind) {
      case 'missing':
        return null;
      case 'newer':
        log(`access: ${path} is of a newer stateward, and opens nothing`);
        return null;
      case 'closed':
        log(`access: ${path} cannot be read now: ${found.message}`);
        return null;
      case 'corrupt':
        log(`access: ${path} is set aside, and opens nothing: ${found.message}`);
        await setAsideOne(path, now()).catch((error: unknown) => log(`access: ${errorMessage(error)}`));
        return null;
      case 'data': {
        const usedAt = await timeOf(path);
        return usedAt === null ? null : { record: found.data as R, usedAt };
      }
    }
  }

  async list(): Promise<readonly Kept<R>[]> {
    const kept: Kept<R>[] = [];
    for (const name of await namesIn(this.#options.folder)) {
      const id = name.slice(0, -'.json'.length);
      const one = name.endsWith('.json') ? await this.read(id) : null;
      if (one !== null) kept.push(one);
    }
    return kept;
  }

  /** Rejects with the error of the file system; then there is no such record. */
  async add(id: string, record: R, usedAt: number): Promise<void> {
    const { folder } = this.#options;
    if (!ID.test(id)) throw new Error(`${id} cannot be the id of a record`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const temporary = join(folder, `.${id}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(sealEnvelope(record));
        const time = new Date(usedAt);
        await handle.utimes(time, time);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.#path(id));
      await this.#sync();
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async remove(id: string): Promise<boolean> {
    if (!ID.test(id)) return false;
    try {
      await unlink(this.#path(id));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
    await this.#sync();
    return true;
  }

  async touch(id: string): Promise<void> {
    if (!ID.test(id)) return;
    const time = new Date(this.#options.now());
    try {
      await lutimes(this.#path(id), time, time);
    } catch (error) {
      // Whoever is let in is not kept out by a disk that takes nothing.
      if (errorCode(error) !== 'ENOENT') this.#options.log(`access: ${errorMessage(error)}`);
    }
  }

  /** Takes away what writers that were killed have left. */
  async tidy(): Promise<void> {
    const { folder } = this.#options;
    for (const name of await namesIn(folder)) {
      if (!TEMPORARY.test(name)) continue;
      const path = join(folder, name);
      const time = await timeOf(path);
      if (time !== null && Date.now() - time > ABANDONED_MS) await rm(path, { force: true });
    }
  }

  #path(id: string): string {
    return join(this.#options.folder, `${id}.json`);
  }

  /** What was removed is not to come back after a crash of the machine. */
  async #sync(): Promise<void> {
    const handle = await open(this.#options.folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** When it was used, epoch milliseconds; null: it is gone. */
async function timeOf(path: string): Promise<number | null> {
  try {
    return Math.round((await stat(path)).mtimeMs);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
