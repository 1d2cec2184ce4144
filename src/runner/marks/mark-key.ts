import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { errorMessage } from '../../lib/system-error.ts';

const KEY_BYTES = 32;
const OTHERS = 0o077;

/**
 * The secret of a home that its marks are signed with, made when there is none; null: there is none and none can be
 * made, or others could have read it. It is needed for apps that run as another user: any user can write a mark into an
 * environment.
 */
export function openMarkKey(path: string, log: (message: string) => void): Buffer | null {
  try {
    return readMarkKey(path) ?? makeKey(path);
  } catch (error) {
    log(`apps that run as another user cannot be known by their marks: ${errorMessage(error)}`);
    return null;
  }
}

/** Null: there is none that can be used. */
export function readMarkKey(path: string): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return null;
  }
  try {
    const { uid, mode } = fstatSync(fd);
    if (uid !== process.getuid?.() || (mode & OTHERS) !== 0) return null;
    const key = readFileSync(fd);
    return key.length === KEY_BYTES ? key : null;
  } finally {
    closeSync(fd);
  }
}

/** One that others could have read, or that is no key, gives way to a new one. */
function makeKey(path: string): Buffer {
  rmSync(path, { force: true });
  const key = randomBytes(KEY_BYTES);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(path, flags, 0o600);
  try {
    writeSync(fd, key);
    fsyncSync(fd);
    return key;
  } finally {
    closeSync(fd);
  }
}
