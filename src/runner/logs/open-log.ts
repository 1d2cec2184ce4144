import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../lib/make-folder.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { DaemonStream } from '../protocol/orders.ts';
import { endsWithLine } from './line-end.ts';
import { daemonStream, FOLDER_MODE } from './log-place.ts';
import { connectLog, type LogTarget } from './log-socket.ts';
import { openLogFile, refuseAstray } from './safe-place.ts';

/** O_NONBLOCK: a path that is a FIFO without a reader is an error, not a thread that waits for ever. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;

const HOME_MODE = 0o700;

export interface OpenLogOptions {
  readonly path: string;
  readonly clock: Clock;
  /** The home's own folder for logs. */
  readonly folder: string;
  /** FIFOs that `daemon run` reads from while it runs. */
  readonly streams: Readonly<Record<DaemonStream, string>>;
  /** Where `stateward run` listens while it runs. */
  readonly linesSocket?: string;
}

export interface OpenLog {
  readonly handle: LogTarget;
  readonly stats: BigIntStats;
  /** The handle of what is a file, and no device, FIFO or socket. */
  readonly file: FileHandle | undefined;
  /** A file of its own, and not a link to one, a device, or anything else that others have put there: ours to rotate. */
  readonly plain: boolean;
  /** It ends with half a line. */
  readonly endsOpen: boolean;
}

/** Opens what a log is written to, with its folders. Rejects with the system's error. */
export async function openLog(options: OpenLogOptions): Promise<OpenLog> {
  const { path } = options;
  await refuseAstray(path);
  const there = await stat(path, { bigint: true }).catch(() => null);
  if (there?.isSocket() === true) return connected(there, options);
  const handle = await openHandle(there, options);
  const [stats, named] = await Promise.all([handle.stat({ bigint: true }), namedBy(path)]);
  const file = stats.isFile() ? handle : undefined;
  const plain = file !== undefined && isSame(stats, named);
  return { handle, stats, file, plain, endsOpen: plain && !(await endsWithLine(handle, Number(stats.size))) };
}

/** What a path itself names; null: nothing. */
export function namedBy(path: string): Promise<BigIntStats | null> {
  return lstat(path, { bigint: true }).catch(() => null);
}

export function isSame(file: Pick<BigIntStats, 'dev' | 'ino'>, other: BigIntStats | null): boolean {
  return other?.ino === file.ino && other.dev === file.dev;
}

async function connected(stats: BigIntStats, { path, linesSocket, clock }: OpenLogOptions): Promise<OpenLog> {
  // Those that read for `stateward run` wait for it; how long, they know themselves.
  const handle = await connectLog(path, clock, path === linesSocket ? Infinity : undefined);
  return { handle, stats, file: undefined, plain: false, endsOpen: false };
}

async function openHandle(
  there: BigIntStats | null,
  { path, folder, streams }: OpenLogOptions,
): Promise<FileHandle> {
  const stream = await daemonStream(path);
  if (stream !== null) return openStream(streams[stream], stream);
  if (Object.values(streams).includes(path)) return open(path, FLAGS);
  if (there?.isBlockDevice() === true) throw new Error('it is a disk: name a file');
  // With a home that was removed: one that others may look into is refused by every command.
  if (path.startsWith(`${folder}/`)) await makeFolder(folder, HOME_MODE);
  await makeFolder(dirname(path), FOLDER_MODE);
  return openLogFile(path, FLAGS | constants.O_CREAT, 0o640);
}

/** Opens what a link to /dev/stdout means: not a stream of the runner, which nobody sees, but of `daemon run`. */
async function openStream(path: string, stream: DaemonStream): Promise<FileHandle> {
  try {
    return await open(path, FLAGS);
  } catch {
    throw new Error(`it leads to the ${stream} of stateward daemon run, which does not run: name a file`);
  }
}
