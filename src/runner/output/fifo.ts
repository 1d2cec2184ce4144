import { closeSync, constants, fchownSync, fstatSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { StreamName } from '../protocol/reports.ts';

/** The two ends of one FIFO that the runner deals with. */
export interface FifoEnds {
  /** For the app: its own file description, open for reading too, so that it outlives the runner without EPIPE. */
  readonly writer: number;
  /** For the log sink: a separate description, so that our O_NONBLOCK is not the app's. */
  readonly reader: number;
}

export const STREAMS = ['out', 'error'] as const satisfies readonly StreamName[];

/** The FIFOs that are made for each process: its output, and an input that nobody writes to. */
export const FIFOS = [...STREAMS, 'in'] as const;
export type FifoName = (typeof FIFOS)[number];

/** Where one FIFO is; `io` names the set. */
export function fifoPath(folder: string, io: string, stream: FifoName): string {
  return join(folder, `${io}.${stream}`);
}

/**
 * Opens both ends of a FIFO and gives it to `owner` (so that the app may open /dev/stdout). The writer comes first:
 * a reader of a FIFO without a writer is told that everything is over. Throws the system's error.
 */
export function openFifo(path: string, owner: { uid: number; gid: number } | null): FifoEnds {
  const writer = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    assertFifo(writer, path);
    if (owner !== null) fchownSync(writer, owner.uid, owner.gid);
    return { writer, reader: openReader(path) };
  } catch (error) {
    closeSync(writer);
    throw error;
  }
}

/**
 * Opens the reading end alone: its end of file means that nobody can write any more. `through /proc`: the path is what
 * the kernel keeps of a process's open FIFO, which has the form of a link. Throws the system's error.
 */
export function openReader(path: string, how?: 'through /proc'): number {
  const links = how === undefined ? constants.O_NOFOLLOW : 0;
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | links);
  try {
    assertFifo(reader, path);
    return reader;
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

/**
 * Opens an input that has nothing to read and never ends, since the process itself could write to it, and gives it to
 * `owner` (so that the app may open /dev/stdin). Its name is not needed after that. Throws the system's error.
 */
export function openInput(path: string, owner: { uid: number; gid: number } | null): number {
  const input = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    assertFifo(input, path);
    if (owner !== null) fchownSync(input, owner.uid, owner.gid);
    unlinkSync(path);
    return input;
  } catch (error) {
    closeSync(input);
    throw error;
  }
}

function assertFifo(fd: number, path: string): void {
  if (!fstatSync(fd).isFIFO()) throw new Error(`${path} is not a FIFO`);
}

export function removeFifos(folder: string, io: string): void {
  for (const stream of FIFOS) {
    try {
      unlinkSync(fifoPath(folder, io, stream));
    } catch {
      // Gone already, with its folder or by hand: as wanted.
    }
  }
}
