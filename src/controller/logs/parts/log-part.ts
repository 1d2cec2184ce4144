import { constants, createReadStream } from 'node:fs';
import { open, readdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { LogTimes } from '../../../lib/log-times/log-times.ts';

const MAX_ATTEMPTS = 10;

/** What tells files apart, wherever they are moved. */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
  /** When it was made, in whole milliseconds: numbers of files are used again. 0: the file system does not know. */
  readonly born: number;
}

export const NO_FILE: FileIdentity = { dev: 0, ino: 0, born: 0 };

export function identityOf(stats: { dev: number; ino: number; birthtimeMs: number }): FileIdentity {
  return { dev: stats.dev, ino: stats.ino, born: Math.round(stats.birthtimeMs) };
}

export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino && (a.born === b.born || a.born === 0 || b.born === 0);
}

/** One file of a log: the one that is written to, or one that was rotated away. */
export interface PartPlace extends FileIdentity {
  readonly path: string;
  /** How many are newer. */
  readonly age: number;
  readonly mtimeMs: number;
}

/** Where the parts of logs are read. */
export interface PartsContext {
  /** The folder of indexes. */
  readonly times: string;
  /** A folder for what compressed files hold while they are read; nothing stays there. */
  readonly scratch: string;
}

/** `.3`, `.3.gz` as we and many others rotate, and `-20260131`, `-20260131.gz` as logrotate can. */
export const ROTATED = /^(?:\.(\d{1,6})|-(\d{8}[\d-]{0,12}))(?:\.gz)?$/;
const ROTATED_END = new RegExp(ROTATED.source.slice(1));

/** The name of the log that a file belongs to, which may be rotated. */
export function logNameOf(name: string): string {
  return name.replace(ROTATED_END, '');
}

/** The files of a log that are there now, the newest first. Nothing but plain files counts. */
export async function listParts(path: string): Promise<readonly PartPlace[]> {
  let found = await listOnce(path);
  // Whatever was renamed while we looked may have been passed over.
  for (let attempt = 1; found.hasMoved && attempt < MAX_ATTEMPTS; attempt++) found = await listOnce(path);
  return found.parts;
}

async function listOnce(
  path: string,
): Promise<{ readonly parts: readonly PartPlace[]; readonly hasMoved: boolean }> {
  const prefix = basename(path);
  const all = await namesOf(path);
  // While one is being compressed it is there twice.
  const names = new Set(all);
  const rotated = all.flatMap((name) => {
    if (name.endsWith('.gz') && names.has(name.slice(0, -3))) return [];
    const match = ROTATED.exec(name.slice(prefix.length));
    return match === null ? [] : [{ name, number: Number(match[1] ?? 0), date: match[2] ?? '' }];
  });
  rotated.sort((a, b) => a.number - b.number || (a.date < b.date ? 1 : -1));
  const parts: PartPlace[] = [];
  let hasMoved = false;
  for (const name of [prefix, ...rotated.map((one) => one.name)]) {
    const full = join(dirname(path), name);
    const stats = await stat(full).catch(() => null);
    hasMoved ||= stats === null && name !== prefix;
    if (stats?.isFile() !== true) continue;
    const identity = identityOf(stats);
    if (parts.some((part) => isSameFile(part, identity))) {
      hasMoved = true;
      continue;
    }
    parts.push({
      ...{ path: full, ...identity, mtimeMs: stats.mtimeMs },
      age: name === prefix ? 0 : Math.max(1, parts.length),
    });
  }
  // The oldest may have got a name that was not there before.
  hasMoved ||= (await namesOf(path)).some((name) => name !== prefix && !names.has(name));
  return { parts, hasMoved };
}

/** The names in the folder of a log that begin as its own does. */
async function namesOf(path: string): Promise<readonly string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  return names.filter((name) => name.startsWith(basename(path)));
}

interface Seen {
  readonly mtimeMs: number;
  readonly size: number;
}

/** An open file of a log, with its index. It stays what it is, whoever renames or removes it. */
export class LogPart {
  readonly identity: FileIdentity;
  readonly times: LogTimes;
  readonly #handle: FileHandle;
  #first = 0;
  /** When it was last written to, as far as we have looked. */
  mtimeMs: number;
  /** How large it was when we looked. */
  size: number;

  private constructor(handle: FileHandle, times: LogTimes, seen: FileIdentity & Seen) {
    this.#handle = handle;
    this.times = times;
    this.identity = { dev: seen.dev, ino: seen.ino, born: seen.born };
    this.mtimeMs = seen.mtimeMs;
    this.size = seen.size;
  }

  /** null: there is no plain file, or none that is as large. One that is compressed is opened as what it holds. */
  static async open(path: string, context: PartsContext, minBytes = 0): Promise<LogPart | null> {
    const handle = await openLogFile(path, minBytes);
    if (handle === null) return null;
    try {
      const times = await LogTimes.open(context.times, await handle.stat({ bigint: true }));
      // After the index: of a log that is smaller than that tells of, nothing is known.
      const { dev, ino, mtimeMs, birthtimeMs, size } = await handle.stat();
      const seen = { dev, ino, mtimeMs, born: Math.round(birthtimeMs), size };
      if (!path.endsWith('.gz')) return new LogPart(handle, times, seen);
      const plain = await uncompressed(handle, context.scratch);
      if (plain === null) {
        await times.close();
        return null;
      }
      return new LogPart(plain, times, { ...seen, size: (await plain.stat()).size });
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
  }

  /** Looks how large it is now, and what its index tells. */
  async look(): Promise<void> {
    await this.times.refresh();
    const stats = await this.#handle.stat();
    this.size = stats.size;
    // Of a compressed file it is the time at which it was unpacked.
    if (stats.ino === this.identity.ino) this.mtimeMs = stats.mtimeMs;
  }

  /** How much of it the index tells of. */
  get covered(): number {
    return this.times.covered > this.size ? 0 : this.times.covered;
  }

  /** When its first bytes came, as far as that is known; 0: it is not. Epoch milliseconds. */
  async firstTime(): Promise<number> {
    this.#first ||= this.covered === 0 ? 0 : ((await this.times.nextKnown(0)) ?? 0);
    return this.#first;
  }

  /** The same as far as it is known by now, else when the file was made. */
  get begunAt(): number {
    return this.#first || this.identity.born;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const block = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#handle.read(block, 0, length, position);
    return block.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    await this.times.close();
    await this.#handle.close().catch(() => undefined);
  }
}

/** When the first line of a file was written that has a time; null: none has. It is not unpacked for that. */
export async function firstTimeOf(path: string, context: PartsContext): Promise<number | null> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  if (stats === null) return null;
  const times = await LogTimes.open(context.times, stats);
  try {
    return await times.nextKnown(0);
  } finally {
    await times.close();
  }
}

/** Opens a regular file for reading; null when there is none. Anything else (a FIFO, a device) is taken as none. */
async function openLogFile(path: string, minBytes: number): Promise<FileHandle | null> {
  let handle: FileHandle;
  try {
    // A FIFO is not even opened: for its writer that would be a reader, that is gone at once.
    const stats = await stat(path);
    if (!stats.isFile() || stats.size < minBytes) return null;
    // Without O_NONBLOCK, opening a FIFO waits for a writer, for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  return null;
}

/** What a compressed file holds, as a file without a name. It closes the one that it reads. */
async function uncompressed(handle: FileHandle, folder: string): Promise<FileHandle | null> {
  const path = join(folder, `log-${randomUUID()}`);
  let plain: FileHandle | undefined;
  try {
    plain = await open(path, 'wx+', 0o600);
    // From here on nothing of it stays, whatever happens.
    await unlink(path);
    const target = plain;
    const write = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
      for await (const chunk of chunks) await target.appendFile(chunk);
    };
    // One that is cut off is read as far as it goes.
    await pipeline(createReadStream('', { fd: handle }), createGunzip(), write).catch(() => undefined);
    return plain;
  } catch {
    await plain?.close();
    return null;
  } finally {
    await handle.close().catch(() => undefined);
  }
}
