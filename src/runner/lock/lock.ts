import { spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostProcesses } from '../processes/host-processes.ts';
import { acquireLockFile, inheritLockFile, isLockFileHeld } from './lock-file.ts';
import type { Lock, LockOutcome } from './lock-outcome.ts';
import { errorCode } from '../../lib/system-error.ts';

export interface LockOptions {
  /**
   * A folder that is locked as well, so that nobody who removes the file lets a second one in. It is of one lock alone.
   * Absent, or not there: the file has to do.
   */
  readonly folder?: string;
  /** Where flock(1) is; null: do without it, with a lock file and proofs of death. */
  readonly flockPath?: string | null;
}

/**
 * Takes the lock of `path`, or says who has it; never waits.
 *
 * The kernel holds it: flock(1) locks a file description that it inherits from us and that stays locked while we have
 * it open. `kill -9` frees it, a reused pid does not keep it. Hosts without flock(1) get a lock file (lock-file.ts).
 * Throws when the file cannot be opened.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<LockOutcome> {
  const flockPath = options.flockPath === undefined ? 'flock' : options.flockPath;
  if (flockPath === null) return acquireLockFile(path, hostProcesses());
  for (;;) {
    // A bare descriptor: a FileHandle that nobody refers to is closed by the garbage collector, and the lock with it.
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    const answer = await runFlock(flockPath, fd);
    if (answer === 'locked' && isStillAt(path, fd)) {
      const folder = options.folder === undefined ? null : await lockFolder(flockPath, options.folder);
      if (folder !== 'refused') return { held: true, lock: holdLock(path, fd, { flockPath, folder }) };
      closeSync(fd);
      return { held: false, by: null };
    }
    const by = answer === 'refused' ? readPid(path) : null;
    closeSync(fd);
    if (answer === 'refused') return { held: false, by };
    if (answer === 'absent') return acquireLockFile(path, hostProcesses());
    // Locked, but somebody removed the file in between: what we held was a lock on nothing.
  }
}

/**
 * Whether somebody holds the lock of `path`; takes nothing. A dead holder is told by its pid alone, so that nobody
 * who only looks is in the way of a process that is just about to take the lock.
 */
export async function isHeld(path: string, options: LockOptions = {}): Promise<boolean> {
  const flockPath = options.flockPath === undefined ? 'flock' : options.flockPath;
  if (flockPath !== null && existsSync(path)) {
    const pid = readPid(path);
    if (pid !== null && !exists(pid)) return false;
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const answer = await runFlock(flockPath, fd, '-s');
    closeSync(fd);
    if (answer === 'refused') return true;
    if (answer === 'locked' && options.folder === undefined) return false;
  }
  if (flockPath !== null && options.folder !== undefined) {
    const answer = await lookAtFolder(flockPath, options.folder);
    if (answer !== null) return answer === 'refused';
  }
  return isLockFileHeld(path, hostProcesses());
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** flock(1) says 1 when another description has the lock; anything else it says is not an answer. */
function runFlock(
  flockPath: string,
  fd: number,
  mode: '-x' | '-s' = '-x',
): Promise<'locked' | 'refused' | 'absent'> {
  return new Promise((resolve) => {
    const child = spawn(flockPath, [mode, '-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
    child.on('error', () => resolve('absent'));
    child.on('exit', (code) => resolve(code === 0 ? 'locked' : code === 1 ? 'refused' : 'absent'));
  });
}

/** Descriptor of the folder, locked; null: there is none, or a file system that cannot. */
async function lockFolder(flockPath: string, folder: string): Promise<number | 'refused' | null> {
  const fd = openFolder(folder);
  if (fd === null) return null;
  const answer = await runFlock(flockPath, fd);
  if (answer === 'locked') return fd;
  closeSync(fd);
  return answer === 'refused' ? 'refused' : null;
}

async function lookAtFolder(flockPath: string, folder: string): Promise<'locked' | 'refused' | null> {
  const fd = openFolder(folder);
  if (fd === null) return null;
  const answer = await runFlock(flockPath, fd, '-s');
  closeSync(fd);
  return answer === 'absent' ? null : answer;
}

function openFolder(folder: string): number | null {
  try {
    return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return null;
  }
}

interface HeldBeside {
  readonly flockPath: string;
  /** Descriptor of the folder; null: none is locked. */
  readonly folder: number | null;
}

/**
 * The lock of `path` that another process holds and is about to give to this one; `fds`: its descriptors, shared by both,
 * none where the kernel does not hold it. Nothing is changed.
 */
export async function inheritLock(path: string, [file, folder]: readonly number[]): Promise<Lock> {
  if (file === undefined) return inheritLockFile(path, hostProcesses());
  return lockOf(path, file, { flockPath: 'flock', folder: folder ?? null });
}

function holdLock(path: string, fd: number, beside: HeldBeside): Lock {
  sign(fd, process.pid);
  return lockOf(path, fd, beside);
}

function lockOf(path: string, first: number, { flockPath, folder }: HeldBeside): Lock {
  let fd: number | null = first;
  return {
    get fds() {
      return [fd, folder].filter((one) => one !== null);
    },
    assign(pid) {
      if (fd !== null) sign(fd, pid);
      return Promise.resolve();
    },
    release() {
      if (fd !== null) closeSync(fd);
      if (fd !== null && folder !== null) closeSync(folder);
      fd = null;
      return Promise.resolve();
    },
    async keep() {
      if (fd === null || isStillAt(path, fd)) return true;
      const next = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
      if ((await runFlock(flockPath, next)) !== 'locked' || !isStillAt(path, next)) {
        closeSync(next);
        return false;
      }
      closeSync(fd);
      fd = next;
      sign(next, process.pid);
      return true;
    },
  };
}

/** For people, and for who looks whether the holder lives. A full disk keeps nobody from holding a lock. */
function sign(fd: number, pid: number): void {
  const text = `${pid}\n`;
  try {
    // In this order: the room that the one before had is not given back first.
    writeSync(fd, text, 0);
    ftruncateSync(fd, text.length);
  } catch {
    // Who asks is told by the kernel that it is held, and not by whom.
    emptyIfPossible(fd);
  }
}

/** Better nobody's pid than that of another one. */
function emptyIfPossible(fd: number): void {
  try {
    ftruncateSync(fd);
  } catch {
    // A disk that takes nothing at all.
  }
}

function readPid(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isNaN(pid) ? null : pid;
  } catch {
    return null;
  }
}

function isStillAt(path: string, fd: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const ours = fstatSync(fd);
  return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
}
