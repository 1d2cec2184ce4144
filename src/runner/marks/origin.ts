import { readFileSync, readlinkSync, statSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { errorCode } from '../../lib/system-error.ts';
import type { StreamName } from '../protocol/reports.ts';

/** Whether a process was started by the home at `home`, by the path that its mark names. */
export type Origin = 'ours' | 'foreign' | 'unknown';

/**
 * Compares the folder that the process sees at that path with the home: the same path means another folder in a
 * container, and two homes on a host may have apps of the same names. `unknown`: nothing is there any more, as when the
 * home was moved.
 */
export function originOf(pid: number, named: string, home: string): Origin {
  if (process.platform !== 'linux') return named === home ? 'ours' : 'foreign';
  try {
    return isSameFile(statSync(`/proc/${pid}/root${named}`), statSync(home)) ? 'ours' : 'foreign';
  } catch (error) {
    // It may have locked itself into a folder of its own, or not let us look.
    const isHere = named === home && (errorCode(error) === 'EACCES' || sharesMounts(pid));
    return isHere ? 'ours' : 'unknown';
  }
}

function isSameFile(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

function sharesMounts(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt');
  } catch {
    return false;
  }
}

/**
 * Whether the process runs as our own user in every sense, so that it could do to us what it liked anyway. A program
 * with the rights of its file's owner does not: whoever started it has written its environment.
 */
export function isOwnUser(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    const ids = /^Uid:\s*(.+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]?.split(/\s+/) ?? [];
    return ids.length > 0 && ids.every((id) => Number(id) === process.getuid?.());
  } catch {
    return false;
  }
}

const DESCRIPTORS: Readonly<Record<StreamName, number>> = { out: 1, error: 2 };

/** Where a FIFO that the process writes to can be opened though its name is gone: what `/proc` leads to is the open one. */
export function openEnd(pid: number, stream: StreamName): string {
  return `/proc/${pid}/fd/${DESCRIPTORS[stream]}`;
}

/** Absolute path of what a stream of the process had as its name; null: it cannot be told. */
export function nameOfStream(pid: number, stream: StreamName): string | null {
  try {
    return readlinkSync(openEnd(pid, stream)).replace(/ \(deleted\)$/, '');
  } catch {
    return null;
  }
}

/** Name of the set of FIFOs in `folder` that the process writes to; null: to none. */
export function ioOfProcess(pid: number, folder: string): string | null {
  for (const stream of ['out', 'error'] as const) {
    const name = nameOfStream(pid, stream);
    if (name === null || !name.startsWith(`${folder}/`) || !name.endsWith(`.${stream}`)) continue;
    return basename(name).slice(0, -`.${stream}`.length);
  }
  return null;
}
