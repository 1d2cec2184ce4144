import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../lib/system-error.ts';

/**
 * How an app of another user comes to the next runner. The home is closed to it, so it inherits a descriptor of a folder
 * in there, and reaches the socket in this folder by way of it: `/proc/self/fd/N/agents.sock` begins at the folder itself,
 * whoever may look into those above. The folder is ours, so that nobody can put anything else there: others may pass
 * through it and no more; the socket belongs to the user. It must stay for as long as an app has the descriptor.
 */
const PASS_THROUGH = 0o711;

const SOCKET = 'agents.sock';

/** Not in Node: the descriptor leads into the folder, and lists nothing. Linux alone has it. */
const O_PATH = 0o10000000;

/** Where an agent finds the socket with this descriptor of the folder. */
export function socketBy(fd: number): string {
  return `/proc/self/fd/${fd}/${SOCKET}`;
}

/** Whether the system has such descriptors. */
export const canPassFolders = process.platform === 'linux';

/** Opens the folder of a user below `folders`, made if there is none; the caller closes it. Throws the system's error. */
export function openUserFolder(folders: string, uid: number): number {
  makeFolder(folders, 0o700);
  const folder = join(folders, String(uid));
  makeFolder(folder, PASS_THROUGH);
  const fd = openSync(folder, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const { uid: owner } = fstatSync(fd);
  if (owner === process.getuid?.()) return fd;
  closeSync(fd);
  throw new Error(`${folder} belongs to another user`);
}

/** Users that have a folder below `folders`, and where their sockets are to be. */
export function userSockets(folders: string): readonly { readonly uid: number; readonly path: string }[] {
  return names(folders)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ uid: Number(name), path: join(folders, name, SOCKET) }));
}

/** Gives a socket that only we can open to the user. */
export function giveTo(uid: number, path: string): void {
  lchownSync(path, uid, -1);
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function makeFolder(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
    // Whatever the umask is.
    chmodSync(folder, mode);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
