import { stat, type FileHandle } from 'node:fs/promises';
import { openLogFile } from './log-tail.ts';

const BLOCK_BYTES = 64 * 1024;
/** A line that does not end is given out in pieces of this size. */
const MAX_LINE_BYTES = 1024 * 1024;
/** Rotated files (`.1`, `.2` ...) that are looked at for one that was read last. */
const MAX_ROTATED = 100;
const MAX_ATTEMPTS = 10;
const NEWLINE = 0x0a;

/** A line, and where in its file it ends. */
export interface FollowedLine {
  readonly text: string;
  readonly end: number;
}

/** A place in a file: as long as the file is the same one, what came before it has been read. */
export interface FilePlace {
  readonly dev: number;
  readonly ino: number;
  readonly offset: number;
}

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
  async read(): Promise<readonly FollowedLine[] | null> {
    this.#handle ??= await openLogFile(this.#path);
    if (this.#handle === null) return null;
    const lines = await this.#readBlock(this.#handle);
    if (lines !== null) return lines;
    if (!(await this.#moveOn(this.#handle))) return null;
    // What was not ended when its file was left will not be ended any more.
    return this.#offset === 0 && this.#rest.length > 0 ? this.#takeRest() : this.read();
  }

  /** The file that the lines read last are of; null: there is none yet. */
  async file(): Promise<FileIdentity | null> {
    if (this.#handle === null) return null;
    const { dev, ino } = await this.#handle.stat();
    return { dev, ino };
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  async #readBlock(handle: FileHandle): Promise<readonly FollowedLine[] | null> {
    const block = Buffer.alloc(BLOCK_BYTES);
    const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, this.#offset);
    if (bytesRead === 0) return null;
    const start = this.#offset - this.#rest.length;
    this.#offset += bytesRead;
    const bytes = Buffer.concat([this.#rest, block.subarray(0, bytesRead)]);
    const lines: FollowedLine[] = [];
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      lines.push({ text: bytes.toString('utf8', from, at), end: start + at + 1 });
      from = at + 1;
    }
    this.#rest = bytes.subarray(from);
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

  #takeRest(): readonly FollowedLine[] {
    const text = this.#rest.toString('utf8');
    this.#rest = Buffer.alloc(0);
    return [{ text, end: this.#offset }];
  }
}

/** Goes on at a place where somebody has stopped to read, also when the file has been rotated since. */
export async function followFrom(path: string, place: FilePlace): Promise<LogFollower> {
  for (let number = 0; number <= MAX_ROTATED && place.ino !== 0; number++) {
    const handle = await openLogFile(number === 0 ? path : `${path}.${number}`);
    if (handle === null) {
      if (number > 1) break;
      continue;
    }
    const stats = await handle.stat();
    if (isSame(stats, place)) {
      // Emptied meanwhile: what is there is new.
      const offset = stats.size < place.offset ? 0 : place.offset;
      return new LogFollower(path, { handle, offset });
    }
    await handle.close();
  }
  return new LogFollower(path, null);
}

interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
