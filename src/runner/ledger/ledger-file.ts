import { fstatSync, statSync, writeSync, type Stats } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

type Left = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;

/** The file of a ledger as it was left after the last write: what is there by its name has to be this and nothing else. */
export class LedgerFile {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #left: Left | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Bytes. */
  get size(): number {
    return this.#left?.size ?? 0;
  }

  /** Whether it is there by its name, as it was left: nobody has removed, replaced, cut or written to it. */
  get isAsLeft(): boolean {
    const left = this.#left;
    if (left === undefined) return false;
    const there = statOf(this.#path);
    return (
      there !== null &&
      there.ino === left.ino &&
      there.dev === left.dev &&
      there.size === left.size &&
      there.mtimeMs === left.mtimeMs
    );
  }

  /** Appends at once, and not by another thread: whoever is told of it afterwards may end this process. */
  async append(data: Buffer, durable: boolean): Promise<void> {
    if (this.#handle === undefined) throw new Error('it is not open');
    const { fd } = this.#handle;
    failpoint('ledger.append');
    for (let offset = 0; offset < data.length;) offset += writeSync(fd, data, offset);
    this.#left = leftOf(fd, this.size + data.length);
    failpoint('ledger.appended');
    if (durable) await this.#handle.datasync();
    failpoint('ledger.synced');
  }

  /** Puts a whole new file in its place, durably: a crash in between leaves the one before. */
  async replace(data: Buffer): Promise<void> {
    const temporary = `${this.#path}.tmp`;
    await rm(temporary, { recursive: true, force: true });
    failpoint('ledger.compact');
    const handle = await open(temporary, 'wx', 0o600);
    let left: Left;
    try {
      await handle.writeFile(data);
      // From before it has its name: what anybody does to it from then on is to be seen.
      left = leftOf(handle.fd, data.length);
      failpoint('ledger.compact.written');
      await handle.sync();
      failpoint('ledger.compact.synced');
      await rename(temporary, this.#path);
      failpoint('ledger.compact.renamed');
      await syncFolder(dirname(this.#path));
    } catch (error) {
      await handle.close();
      // Half a file would take the room that the next try needs.
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    failpoint('ledger.compact.done');
    await this.close();
    this.#handle = handle;
    this.#left = left;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#left = undefined;
    await handle?.close();
  }
}

/** `size`: what we have written, which somebody may have cut or added to since. */
function leftOf(fd: number, size: number): Left {
  const { dev, ino, mtimeMs } = fstatSync(fd);
  return { dev, ino, mtimeMs, size };
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
