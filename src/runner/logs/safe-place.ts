import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { lstat, open, readlink, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode } from '../../lib/system-error.ts';

/**
 * A log file may lie anywhere, also where others can put things: in /tmp, or in a folder of the app's user while the
 * daemon is root's. What they put there must not lead us to a file of ours (`ln -s /root/.bashrc /tmp/app.log`), nor our
 * lines to a file of theirs. So links are followed where only this user and root could have made them, and files are
 * opened by way of a descriptor of their folder, which nobody can swap for another between the look and the opening.
 */
interface Place {
  /** Without links on the way. */
  readonly folder: string;
  readonly name: string;
  /** Whoever else could put something into the folder: its owner, or with a mode as that of /tmp anybody. */
  readonly others: { readonly kind: 'nobody' | 'anybody' } | { readonly kind: 'user'; readonly uid: number };
}

/** As many as the kernel follows. */
const MAX_LINKS = 40;
/** Not in Node; Linux alone has it. */
const O_PATH = 0o10000000;
const WRITES = 0o022;
/** What the kernel itself has made. */
const OF_THE_KERNEL = /^\/(?:proc|dev|sys)\//;

/** Opens a log file where it really is. Rejects with the system's error, or one that says who could lead us astray. */
export async function openLogFile(path: string, flags: number, mode: number): Promise<FileHandle> {
  if (OF_THE_KERNEL.test(path)) return open(path, flags, mode);
  const place = await placeOf(path);
  const handle = await inFolder(place, (inside) => open(inside, flags | constants.O_NOFOLLOW, mode));
  try {
    refuseForeign(await handle.stat(), place);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Does something with a file by a path that leads to its folder and no other. */
export async function inPlace<T>(path: string, work: (inside: string) => Promise<T>): Promise<T> {
  return OF_THE_KERNEL.test(path) ? work(path) : inFolder(await placeOf(path), work);
}

async function inFolder<T>({ folder, name }: Place, work: (inside: string) => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return work(join(folder, name));
  const fd = openSync(folder, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const inside = `/proc/self/fd/${fd}`;
    if (readlinkSync(inside) !== folder) throw new Error(`${folder} has been replaced meanwhile`);
    return await work(join(inside, name));
  } finally {
    closeSync(fd);
  }
}

/** Where a path leads: every link on the way is looked at. Missing folders are an error, a missing file is none. */
export async function placeOf(path: string): Promise<Place> {
  let folder = '/';
  let others: Place['others'] = { kind: 'nobody' };
  let left = resolve(path).split('/').filter(Boolean);
  for (let links = 0; links < MAX_LINKS;) {
    const [name = '', ...rest] = left;
    const at = join(folder, name);
    const stats = await lstat(at).catch((error: unknown) => {
      if (rest.length === 0 && errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (stats?.isSymbolicLink() === true) {
      if (others.kind !== 'nobody' && !isTrusted(stats)) throw new Error(leadAstray(at));
      links += 1;
      // From the root again: what is above a folder that a link leads to counts too.
      left = [
        ...resolve(folder, await readlink(at))
          .split('/')
          .filter(Boolean),
        ...rest,
      ];
      folder = '/';
      others = { kind: 'nobody' };
      continue;
    }
    if (rest.length === 0) return { folder, name, others };
    if (stats !== null) others = widest(others, stats);
    folder = at;
    left = rest;
  }
  throw Object.assign(new Error(`too many links on the way to ${path}`), { code: 'ELOOP' });
}

/** `others` of a folder within another one. */
function widest(above: Place['others'], folder: Stats): Place['others'] {
  if ((folder.mode & WRITES) !== 0 && !isOwnGroup(folder)) return { kind: 'anybody' };
  if (!isTrusted(folder)) return { kind: 'user', uid: folder.uid };
  // In a folder of ours nobody else puts anything; who owns one above could only swap the whole.
  return above.kind === 'nobody' ? above : { kind: 'nobody' };
}

/** Many systems give each user a group of its own. */
function isOwnGroup({ mode, gid, uid }: Stats): boolean {
  return (mode & 0o002) === 0 && isTrusted({ uid }) && (gid === 0 || gid === process.getgid?.());
}

function isTrusted({ uid }: Pick<Stats, 'uid'>): boolean {
  return uid === 0 || uid === process.getuid?.();
}

function refuseForeign(stats: Stats, { folder, name, others }: Place): void {
  const path = join(folder, name);
  if (others.kind === 'anybody' && !isTrusted(stats)) {
    throw new Error(
      `${path} belongs to another user, in a folder where anybody may write: choose another place`,
    );
  }
  const isTheirs = others.kind === 'user' && stats.uid === others.uid;
  if (others.kind !== 'nobody' && stats.isFile() && stats.nlink > 1 && !isTheirs) {
    throw new Error(
      `${path} is a file with another name elsewhere, in a folder where others may write: remove it`,
    );
  }
}

function leadAstray(link: string): string {
  return `the link ${link} belongs to another user, who could lead it anywhere: name the file itself`;
}

/** For where a log is to be made: the folders that are there already lead nowhere else. */
export async function refuseAstray(path: string): Promise<void> {
  if (OF_THE_KERNEL.test(path)) return;
  await placeOf(path).catch((error: unknown) => {
    if (errorCode(error) === undefined) throw error;
  });
}
