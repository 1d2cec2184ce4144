import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { fifoPath, openFifo, STREAMS, type StreamName } from './fifo.ts';
import { CHANNEL_FD, spawnFailure, type LaunchCommand } from './launch-command.ts';
import { errorCode, errorMessage } from './system-error.ts';

export interface SpawnedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Reading ends of its FIFOs; the caller's. */
  readonly readers: Readonly<Record<StreamName, number>>;
  /** Our end of its channel, if it has one. */
  readonly channel: Duplex | null;
}

export interface SpawnPlace {
  /** Folder of the FIFOs, and the name of its pair. */
  readonly folder: string;
  readonly io: string;
  /** Calls what it is given, once, at the place where the process is to begin. */
  readonly within: (start: () => ChildProcess) => ChildProcess;
}

/**
 * Starts the process in a session and group of its own, with nothing of ours open but its two FIFOs. Throws an Error
 * whose message says why it could not be started. `file` is the name to use in that message.
 */
export async function spawnProcess(
  command: LaunchCommand,
  place: SpawnPlace,
  file: string,
): Promise<SpawnedProcess> {
  const opened = openAll(command, place);
  const writers = STREAMS.map((stream) => opened[stream].writer);
  const readers = { out: opened.out.reader, error: opened.error.reader };
  try {
    const child = place.within(() => start(command, writers));
    if (child.pid === undefined) throw await failureOf(child, file);
    child.on('error', () => undefined);
    return { child, pid: child.pid, readers, channel: channelOf(child) };
  } catch (error) {
    for (const reader of Object.values(readers)) closeSync(reader);
    throw error;
  } finally {
    for (const writer of writers) closeSync(writer);
  }
}

function openAll(
  { user }: LaunchCommand,
  { folder, io }: SpawnPlace,
): Record<StreamName, { writer: number; reader: number }> {
  try {
    const out = openFifo(fifoPath(folder, io, 'out'), user);
    try {
      return { out, error: openFifo(fifoPath(folder, io, 'error'), user) };
    } catch (error) {
      closeSync(out.writer);
      closeSync(out.reader);
      throw error;
    }
  } catch (error) {
    throw new Error(`spawn: cannot open its output: ${errorMessage(error)}`, { cause: error });
  }
}

function start({ file, args, cwd, env, ipc }: LaunchCommand, writers: readonly number[]): ChildProcess {
  try {
    // Not 'ipc': Node throws where nobody can catch it when an app writes there what is no message. See channel.ts.
    const channel = ipc ? (['pipe'] as const) : [];
    return spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', ...writers, ...channel] });
  } catch (error) {
    // NUL bytes and the like, which no program can be given.
    throw new Error(`spawn: ${errorMessage(error)}`, { cause: error });
  }
}

function channelOf(child: ChildProcess): Duplex | null {
  // What Node calls a pipe is a pair of connected Unix sockets.
  return (child.stdio[CHANNEL_FD] as Duplex | null | undefined) ?? null;
}

function failureOf(child: ChildProcess, file: string): Promise<Error> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(new Error(spawnFailure(errorCode(error) ?? 'error', file))));
  });
}
