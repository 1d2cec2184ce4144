import { stat, type FileHandle } from 'node:fs/promises';
import { openLogFile } from './log-tail.ts';

const BLOCK_BYTES = 64 * 1024;
/** A line that does not end is given out in pieces of this size. */
const MAX_LINE_BYTES = 1024 * 1024;
/** Rotated files (`.1`, `.2` ...) that are looked at for one that was read last. */
const MAX_ROTATED = 100;
const MAX_ATTEMPTS = 10;
const NEWLINE = 0x0a;

/**
 * Reads what is appended to a file, whatever happens to it: it appears later, is truncated, or is rotated by rename
 * (also several times between two reads; only compressed files are passed over).
 *
 *   absent ──appears──▶ open ──at its end, and another file has its name──▶ open (the next one, from its beginning)
 *                        └─shorter than what was read──▶ open (from its beginning)
 */
export class LogFollower {
  readonly #path: string;
  #handle: FileHandle | null;
  #offset: number;
  #rest = Buffer.alloc(0);

  /** Goes on at `offset` of an open file, which it then owns, or waits for the file to appear. */
  constructor(path: string, at: { readonly handle: FileHandle; readonly offset: number } | null) {
    this.#path = path;
    this.#handle = at?.handle ?? null;
    this.#offset = at?.offset ?? 0;
  }

  /** The lines of the next block; null when there is nothing new for now. */
  async read(): Promise<readonly string[] | null> {
    this.#handle ??= await openLogFile(this.#path);
    if (this.#handle === null) return null;
    const lines = await this.#readBlock(this.#handle);
    if (lines !== null) return lines;
    if (!(await this.#moveOn(this.#handle))) return null;
    // What was not ended when its file was left will not be ended any more.
    return this.#offset === 0 && this.#rest.length > 0 ? this.#takeRest() : this.read();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  async #readBlock(handle: FileHandle): Promise<readonly string[] | null> {
    const block = Buffer.alloc(BLOCK_BYTES);
    const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, this.#offset);
    if (bytesRead === 0) return null;
    this.#offset += bytesRead;
    const bytes = Buffer.concat([this.#rest, block.subarray(0, bytesRead)]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.#rest = bytes.subarray(end);
    const lines = end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n');
    return this.#rest.length > MAX_LINE_BYTES ? [...lines, ...this.#takeRest()] : lines;
  }

  /** At the end of the file: whether there is another place to read from. */
  async #moveOn(handle: FileHandle): Promise<boolean> {
    const mine = await handle.stat();
    if (mine.size < this.#offset) {
      this.#offset = 0;
      return true;
    }
    const named = await stat(this.#path).catch(() => null);
    // While nothing has the name, whoever moved the file may still be writing to it.
    if (named === null || isSame(named, mine)) return false;
    if ((await handle.stat()).size > this.#offset) return true;
    const next = await this.#openSuccessor(mine);
    if (next === null) return false;
    await handle.close();
    this.#handle = next;
    this.#offset = 0;
    return true;
  }

  /**
   * Opens the file that was written after this one, which may have been rotated away by now. Files move while they are
   * looked at: what was opened must be what was seen, else it is looked for again.
   */
  async #openSuccessor(mine: FileIdentity): Promise<FileHandle | null> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const seen = await this.#findSuccessor(mine);
      if (seen === null) break;
      const handle = await openLogFile(seen.path);
      if (handle !== null && isSame(await handle.stat(), seen.identity)) return handle;
      await handle?.close();
    }
    return openLogFile(this.#path);
  }

  /** null: this file is not among the rotated ones (removed, compressed); what came in between cannot be told. */
  async #findSuccessor(
    mine: FileIdentity,
  ): Promise<{ readonly path: string; readonly identity: FileIdentity } | null> {
    let newer: { readonly path: string; readonly identity: FileIdentity } | null = null;
    // In the midst of a rotation one name is free, whose file has just got the next.
    for (let number = 0, gaps = 0; number <= MAX_ROTATED && gaps <= 2; number++) {
      const path = number === 0 ? this.#path : `${this.#path}.${number}`;
      const identity = await stat(path).catch(() => null);
      if (identity === null) gaps += 1;
      else if (isSame(identity, mine)) return newer;
      else newer = { path, identity };
    }
    return null;
  }

  #takeRest(): readonly string[] {
    const text = this.#rest.toString('utf8');
    this.#rest = Buffer.alloc(0);
    return [text];
  }
}

interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
