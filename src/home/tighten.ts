import {
  chmodSync,
  copyFileSync,
  lstatSync,
  readdirSync,
  renameSync,
  rmSync,
  constants,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { errorMessage } from '../lib/system-error.ts';
import type { HomeLayout } from './layout.ts';

/** What is expected of what lies in a part of a home, and what is done about what is otherwise. */
interface Part {
  readonly path: string;
  /** Permissions that are taken from what is ours. */
  readonly closed: number;
  /** Anything of another user: `refused`; `left` where apps of other users have something of their own. */
  readonly foreign: 'refused' | 'left';
  /** A symbolic link of ours: `refused` where we write, `left` where a person may well lead elsewhere. */
  readonly link: 'refused' | 'left';
  /** A file with another name elsewhere: `parted` where we add to files, it becomes a file of its own. */
  readonly hardLink: 'parted' | 'left';
  /** How many levels of folders below it are looked at. */
  readonly depth: number;
}

const MAX_TOLD = 10;
const GROUP_AND_OTHERS = 0o077;
/** Log files may be read by the group, as those in /var/log. */
const OTHERS_AND_GROUP_WRITES = 0o027;

/** Files of the state that are not replaced with each change; the others are linked to their previous versions. */
const ADDED_TO = /\.ndjson(\.1)?$/;

/** The first part that a path belongs to is what holds for it. */
function partsOf(layout: HomeLayout): readonly Part[] {
  const { run, state, access, logs, daemonLog, fifos, agentFolders } = layout;
  const closed = GROUP_AND_OTHERS;
  const strict = { closed, foreign: 'refused', link: 'refused' } as const;
  return [
    // FIFOs belong to the users of the apps, and so do the sockets for their agents; who may come to either is said by mode.
    { path: fifos, closed, foreign: 'left', link: 'refused', hardLink: 'left', depth: 1 },
    { path: agentFolders, closed: 0, foreign: 'left', link: 'refused', hardLink: 'left', depth: 2 },
    // Locks are made by linking, and the ledger is made anew by each runner.
    { path: run, ...strict, hardLink: 'left', depth: 2 },
    { path: state, ...strict, hardLink: 'parted', depth: 4 },
    { path: access, ...strict, hardLink: 'left', depth: 2 },
    { path: daemonLog, closed, foreign: 'refused', link: 'left', hardLink: 'left', depth: 0 },
    {
      path: logs,
      closed: OTHERS_AND_GROUP_WRITES,
      foreign: 'left',
      link: 'left',
      hardLink: 'left',
      depth: 3,
    },
  ];
}

/**
 * Looks at everything in a home that is there, and closes to others what is ours and open to them; gives a sentence for
 * each. Fails with HOME_UNSAFE for what another user has put there, and for a link in the place of a file of ours: who
 * could do that could do anything else, so a person has to look at it. Nothing is followed. To be called by who holds
 * the lock of the controller.
 */
export function tightenHome(layout: HomeLayout): Result<readonly string[], Failure> {
  const mended: string[] = [];
  const failure = lookAtAll(layout, (path, stats, part) => mend(path, stats, { part, mended }));
  return failure === null ? ok(shortened(mended)) : err(failure);
}

/** Why a daemon would not start on what is in a home, or null; changes nothing. */
export function unsafeInside(layout: HomeLayout): Failure | null {
  return lookAtAll(layout, () => undefined);
}

type Mend = (path: string, stats: Stats, part: Part) => void;

function lookAtAll(layout: HomeLayout, mendOne: Mend): Failure | null {
  const parts = partsOf(layout);
  const others = new Set(parts.map(({ path }) => path));
  for (const part of parts) {
    const failure = look(part.path, part.depth, { part, others, mendOne });
    if (failure !== null) return failure;
  }
  return null;
}

interface Looking {
  readonly part: Part;
  /** Parts of their own are passed over. */
  readonly others: ReadonlySet<string>;
  readonly mendOne: Mend;
}

function look(path: string, depth: number, looking: Looking): Failure | null {
  const { part, others, mendOne } = looking;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  const refusal = whyRefused(path, stats, part);
  if (refusal !== null) return refusal;
  if (!isOurs(stats) || stats.isSymbolicLink()) return null;
  try {
    mendOne(path, stats, part);
  } catch (error) {
    return unsafe(
      path,
      `is open to others, and cannot be closed: ${errorMessage(error)}`,
      `chmod go= ${path}`,
    );
  }
  if (!stats.isDirectory() || depth === 0) return null;
  for (const name of namesIn(path)) {
    const inner = join(path, name);
    const failure = others.has(inner) ? null : look(inner, depth - 1, looking);
    if (failure !== null) return failure;
  }
  return null;
}

function whyRefused(path: string, stats: Stats, { foreign, link }: Part): Failure | null {
  if (stats.isSymbolicLink() && (link === 'refused' || !isOurs(stats))) {
    return unsafe(path, 'is a symbolic link', `look where it leads, and remove it: rm ${path}`);
  }
  if (isOurs(stats) || foreign === 'left') return null;
  return unsafe(
    path,
    'belongs to another user',
    `look at it, then: chown ${process.getuid?.() ?? ''} ${path}`,
  );
}

function mend(
  path: string,
  stats: Stats,
  { part, mended }: { readonly part: Part; readonly mended: string[] },
): void {
  const tooMuch = stats.mode & part.closed;
  if (tooMuch !== 0) {
    chmodSync(path, stats.mode & 0o7777 & ~part.closed);
    mended.push(`${path} could be accessed by other users (mode ${modeText(stats)}): closed`);
  }
  if (part.hardLink === 'parted' && stats.nlink > 1 && ADDED_TO.test(path)) {
    separate(path);
    mended.push(`${path} was a file with another name elsewhere: it is one of its own now`);
  }
}

/** Puts a copy in the place of a file, whole at every moment. */
function separate(path: string): void {
  const copy = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  rmSync(copy, { force: true });
  copyFileSync(path, copy, constants.COPYFILE_EXCL);
  renameSync(copy, path);
}

/** One line for each of the first, and one for all others. */
function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_TOLD) return lines;
  return [...lines.slice(0, MAX_TOLD), `and ${lines.length - MAX_TOLD} more files and folders: closed`];
}

/** A folder that is gone meanwhile, or closed to its owner: who needs it says so better. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function modeText({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

function isOurs({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

function unsafe(path: string, what: string, hint: string): Failure {
  return { code: 'HOME_UNSAFE', message: `${path} ${what}`, hint };
}
