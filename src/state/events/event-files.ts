import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { FailureError } from '../../lib/failure.ts';
import { isOutOfDescriptors } from '../../lib/system-error.ts';
import { closedFailure, newerFailure, unreadVersion } from '../disk/state-failures.ts';
import type { EventRecord } from '../model/types.ts';
import { newerFormat, parseEventLine } from './event-line.ts';

/** How much of the end of the files is read when opening. */
const OPEN_TAIL_BYTES = 256 * 1024;
const CHUNK_BYTES = 128 * 1024;
/** A line of ours is never so long: what is longer is damage, and is not gathered in memory. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** A FIFO must not hold the reader up, and a link leads to what is not ours. */
const READING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
const WRITING =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Opens the file to add to it, and makes it when it is missing. Throws what the file system says, and for what is no file. */
export function openToAppend(path: string): { readonly fd: number; readonly size: number } {
  const fd = openSync(path, WRITING, 0o600);
  const stats = fstatSync(fd);
  if (stats.isFile()) return { fd, size: stats.size };
  closeSync(fd);
  throw Object.assign(new Error('it is not a file'), { code: 'ENXIO' });
}

/** Puts what is no plain file out of the way; gives what it was told to be, null: nothing was wrong. */
export function clearPlace(path: string, now: number): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return null;
  renameSync(path, `${path}.corrupt-${new Date(now).toISOString().replaceAll(':', '')}`);
  return `${path} was not a file: it was set aside`;
}

/** The file the descriptor belongs to is the one at the path. */
export function isSameFile(fd: number, path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.ino === fstatSync(fd).ino;
}

/** Of a file of `size` bytes, which is not empty: its last line is whole. */
export function endsWithNewline(path: string, size: number): boolean {
  const fd = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(fd, last, 0, 1, size - 1);
    return last[0] === 0x0a;
  } finally {
    closeSync(fd);
  }
}

/** The events at the end of a file, oldest first, out of its last `maxBytes`. Throws FailureError for a newer format. */
function tailEvents(path: string, maxBytes: number): readonly EventRecord[] {
  const tail = readTail(path, maxBytes);
  if (tail === null) return [];
  const lines = tail.bytes.toString('utf8').split('\n');
  const newer = lines.map(newerFormat).find((format) => format !== undefined);
  if (newer !== undefined) throw new FailureError(newerFailure(path, newer));
  return lines.map(parseEventLine).filter((event) => event !== undefined);
}

/**
 * The events at the end of a file, of which the last gives the last number. Damage there hides it: then all that there can be
 * is looked at, rather than a number given twice.
 */
export function wholeTail(path: string, maxBytes: number): readonly EventRecord[] {
  const events = tailEvents(path, OPEN_TAIL_BYTES);
  return events.length > 0 ? events : tailEvents(path, 2 * maxBytes);
}

interface Tail {
  readonly size: number;
  readonly bytes: Buffer;
}

/** null: there is no such file, or nothing that could be read. Throws FailureError when it may be whole, and cannot be opened. */
function readTail(path: string, maxBytes: number): Tail | null {
  let fd: number;
  try {
    fd = openSync(path, READING);
  } catch (error) {
    const version = unreadVersion(path, error);
    if (version.kind === 'closed') throw new FailureError(closedFailure(path, version));
    return null;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return null;
    const bytes = Buffer.alloc(Math.min(stats.size, maxBytes));
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(fd, bytes, length, bytes.length - length, stats.size - bytes.length + length);
      if (count === 0) break;
      length += count;
    }
    return { size: stats.size, bytes: bytes.subarray(0, length) };
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

/**
 * The events of a file, newest first, read from its end as far as somebody asks, and no further than `maxBytes`: a file of
 * any size costs what is read of it. What cannot be read is left out.
 */
export async function* eventsBackwards(path: string, maxBytes: number): AsyncGenerator<EventRecord> {
  let handle;
  try {
    handle = await open(path, READING);
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error;
    return;
  }
  try {
    const stats = await handle.stat();
    let position = stats.isFile() ? stats.size : 0;
    const end = Math.max(0, position - maxBytes);
    let rest = Buffer.alloc(0);
    while (position > end) {
      const length = Math.min(CHUNK_BYTES, position);
      position -= length;
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
      const bytes = Buffer.concat([buffer.subarray(0, bytesRead), rest]);
      const begin = position === 0 ? 0 : bytes.indexOf(0x0a) + 1;
      if (begin === 0 && position > 0) {
        rest = bytes.length > MAX_LINE_BYTES ? Buffer.alloc(0) : bytes;
        continue;
      }
      rest = bytes.subarray(0, begin);
      const lines = bytes.toString('utf8', begin).split('\n');
      for (const line of lines.reverse()) {
        const event = line === '' ? undefined : parseEventLine(line);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await handle.close();
  }
}
