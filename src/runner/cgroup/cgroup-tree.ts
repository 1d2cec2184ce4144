import { basename, dirname, join } from 'node:path';
import type { CgroupFiles } from './cgroup-files.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';

/**
 * The part of the cgroup v2 tree that the runner may use:
 *
 *   <own>/                     what was delegated to us; holds no process
 *   <own>/stateward/           holds no process
 *   <own>/stateward/main       runner, controller, apps without limits
 *   <own>/stateward/<nonce>    one instance with limits
 */
export interface CgroupTree {
  /** Absolute path of <own>/stateward. */
  readonly folder: string;
  /** Those of CONTROLLERS that can limit there. */
  readonly controllers: readonly Controller[];
}

export const CONTROLLERS = ['memory', 'cpu', 'pids'] as const;
export type Controller = (typeof CONTROLLERS)[number];

export interface CgroupHost {
  readonly files: CgroupFiles;
  /** The folder /proc. */
  readonly proc: string;
  /** Of the runner. */
  readonly pid: number;
  /** Whether the process belongs to an instance of ours. */
  readonly isInstance: (pid: number) => boolean;
}

const OURS = 'stateward';
export const MAIN = 'main';
/** A process that is moved may have started another one meanwhile. */
const ATTEMPTS = 3;

/**
 * Makes the runner's own cgroup ready to hold one cgroup an instance, moving what is in it into `main` first: only a
 * cgroup without processes can hand its controllers on. Throws an Error that says, for a person, why it cannot be
 * used; nothing has been moved then that is not ours.
 */
export function openCgroupTree(host: CgroupHost): CgroupTree {
  const { files } = host;
  const own = delegatedFolder(host);
  const offered = words(files.read(join(own, 'cgroup.controllers')));
  const controllers = CONTROLLERS.filter((controller) => offered.includes(controller));
  if (controllers.length === 0) throw new Error(`the cgroup ${own} has no controller of memory, cpu or pids`);
  refuseStrangers(own, host);
  const folder = join(own, OURS);
  ensureFolder(files, folder);
  ensureFolder(files, join(folder, MAIN));
  handOn(own, controllers, host);
  const wanted = controllers.map((controller) => `+${controller}`).join(' ');
  files.write(join(folder, 'cgroup.subtree_control'), wanted);
  removeLeftovers(files, folder);
  return { folder, controllers };
}

/** The cgroup that is ours to divide: that of the runner, or of the runner before, whose `main` it is in. */
function delegatedFolder({ files, proc }: CgroupHost): string {
  const self = ownFolder(files, join(proc, 'self'));
  const isMain = basename(self) === MAIN && basename(dirname(self)) === OURS;
  const own = isMain ? dirname(dirname(self)) : self;
  try {
    // Every cgroup but the root of the host has this file.
    files.read(join(own, 'cgroup.events'));
  } catch {
    throw new Error('the daemon runs in the root cgroup of the host');
  }
  return own;
}

/** Where the cgroup v2 of this process is, below the mount that shows it. */
function ownFolder(files: CgroupFiles, self: string): string {
  const path = /^0::(\/.*)$/m.exec(readOr(files, join(self, 'cgroup')))?.[1];
  // id parent major:minor root mount-point options [more] - type source options
  const mount = /^\S+ \S+ \S+ (\S+) (\S+) .*? - cgroup2 /m.exec(readOr(files, join(self, 'mountinfo')));
  const [, root, point] = mount ?? [];
  if (path === undefined || root === undefined || point === undefined)
    throw new Error('this host has no cgroup v2');
  const base = unescape(root);
  const below = base === '/' ? path : path.slice(base.length);
  const isShown = base === '/' || path === base || path.startsWith(`${base}/`);
  if (!isShown || path.startsWith('/..')) throw new Error('the cgroup of the daemon is not mounted here');
  return join(unescape(point), below);
}

function readOr(files: CgroupFiles, path: string): string {
  try {
    return files.read(path);
  } catch {
    return '';
  }
}

/** Blanks and the like are in octal there. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function pidsIn(files: CgroupFiles, folder: string): readonly number[] {
  return words(files.read(join(folder, 'cgroup.procs'))).map(Number);
}

/** Whoever else is in our cgroup was not put there for us: a login session, a whole container. */
function refuseStrangers(own: string, host: CgroupHost): void {
  const daemon = daemonPids(host);
  const strangers = pidsIn(host.files, own).filter(
    (pid) => !daemon.has(pid) && !host.isInstance(pid) && parentOf(host, pid) !== host.pid,
  );
  if (strangers.length === 0) return;
  const named = strangers.slice(0, 3).join(', ');
  const more = strangers.length > 3 ? ` and ${strangers.length - 3} more` : '';
  throw new Error(`the cgroup ${own} is not the daemon's alone: process ${named}${more} is in it`);
}

/** The runner and those who started it: controller and command run on the same Node, a shell does not. */
function daemonPids(host: CgroupHost): ReadonlySet<number> {
  const program = programOf(host, host.pid);
  const pids = new Set([host.pid]);
  for (let pid = parentOf(host, host.pid); pid > 1 && !pids.has(pid); pid = parentOf(host, pid)) {
    if (program === null || programOf(host, pid) !== program) break;
    pids.add(pid);
  }
  return pids;
}

function parentOf({ files, proc }: CgroupHost, pid: number): number {
  const status = readOr(files, join(proc, String(pid), 'status'));
  return Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
}

function programOf({ files, proc }: CgroupHost, pid: number): string | null {
  try {
    return files.link(join(proc, String(pid), 'exe'));
  } catch {
    return null;
  }
}

function ensureFolder(files: CgroupFiles, folder: string): void {
  try {
    files.makeFolder(folder);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST')
      throw new Error(`no cgroup can be made: ${errorMessage(error)}`, { cause: error });
  }
}

/** Empties our cgroup, then hands its controllers on to those below. */
function handOn(own: string, controllers: readonly Controller[], host: CgroupHost): void {
  const { files } = host;
  for (let attempt = 1; ; attempt++) {
    for (const pid of pidsIn(files, own)) move(files, pid, join(own, OURS, MAIN));
    try {
      files.write(
        join(own, 'cgroup.subtree_control'),
        controllers.map((controller) => `+${controller}`).join(' '),
      );
      return;
    } catch (error) {
      if (errorCode(error) === 'EBUSY' && attempt < ATTEMPTS) continue;
      throw new Error(`the cgroup ${own} hands no controllers on: ${errorMessage(error)}`, { cause: error });
    }
  }
}

/** Puts a process into a cgroup; one that has ended meanwhile needs no place. */
function move(files: CgroupFiles, pid: number, folder: string): void {
  try {
    files.write(join(folder, 'cgroup.procs'), String(pid));
  } catch (error) {
    if (errorCode(error) !== 'ESRCH')
      throw new Error(`the daemon cannot be moved: ${errorMessage(error)}`, { cause: error });
  }
}

/** What instances of earlier runners left; the kernel keeps those that hold a process. */
function removeLeftovers(files: CgroupFiles, folder: string): void {
  for (const name of files.folders(folder).filter((other) => other !== MAIN)) {
    try {
      files.removeFolder(join(folder, name));
    } catch {
      // In use.
    }
  }
}
