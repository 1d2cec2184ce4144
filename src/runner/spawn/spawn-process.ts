import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, unlinkSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../lib/clocks/clock.ts';
import { openExitNote } from '../output/exit-note.ts';
import { fifoPath, openFifo, openInput, STREAMS } from '../output/fifo.ts';
import type { StreamName } from '../protocol/reports.ts';
import { openUserFolder } from '../handover/user-folders.ts';
import { channelFd, type LaunchCommand } from './launch-command.ts';
import { spawnFailure } from './spawn-failure.ts';
import { nodeTransport } from '../channel/node-transport.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { assertDescriptorsLeft } from '../processes/spare-descriptor.ts';
import { limitsHint, startError } from './limits-hint.ts';
import { openTerminal, type Terminal } from '../terminal/open-terminal.ts';
import { streamTransport, type OpenTransport } from '../channel/transport.ts';

export interface SpawnedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Reading ends of its FIFOs; the caller's. */
  readonly readers: Readonly<Record<StreamName, number>>;
  /** Opens our end of its channel, if it has one; to be called before anything else happens. */
  readonly channel: OpenTransport | null;
}

export interface SpawnPlace {
  readonly clock: Clock;
  /** Folder of the FIFOs, and the name of its set. */
  readonly folder: string;
  readonly io: string;
  /** What is started, for people: `shop/web:0`. */
  readonly name: string;
  /** Descriptors of the sockets that it is given. */
  readonly sockets: readonly number[];
  /** Calls what it is given, once, at the place where the process is to begin. */
  readonly within: (start: () => ChildProcess) => ChildProcess;
}

/**
 * Starts the process in a session and group of its own, with nothing of ours open but its FIFOs. Throws an Error
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
  const ours = [...writers];
  try {
    const input = inputOf(command, place);
    if (input !== null) ours.push(input);
    const folder = folderOf(command);
    if (folder !== null) ours.push(folder);
    const note = noteOf(command, place);
    if (note !== null) ours.push(note);
    const terminal = await terminalOf(command, place, writers);
    if (terminal !== null) ours.push(terminal.fd);
    const stdin = input ?? (command.input === null ? 'ignore' : 'pipe');
    const streams: readonly (number | 'ignore' | 'pipe')[] =
      terminal === null ? [stdin, ...writers] : [terminal.fd, terminal.fd, terminal.fd];
    const given = [...streams, ...place.sockets];
    const child = place.within(() => start(command, given, note ?? folder));
    if (child.pid === undefined) throw await failureOf(child, file);
    terminal?.begin(child.pid);
    child.on('error', () => undefined);
    if (command.input !== null) write(child, command.input);
    return { child, pid: child.pid, readers, channel: channelOf(child, command, place.clock) };
  } catch (error) {
    for (const reader of Object.values(readers)) closeSync(reader);
    throw error;
  } finally {
    for (const end of ours) closeSync(end);
  }
}

/** Null: its streams are the FIFOs themselves. */
async function terminalOf(
  { terminal, user }: LaunchCommand,
  { name }: SpawnPlace,
  [out = -1, error = -1]: readonly number[],
): Promise<Terminal | null> {
  if (terminal === null) return null;
  return openTerminal({ ...terminal, name }, { out, error, owner: user });
}

function openAll(
  { user }: LaunchCommand,
  { folder, io }: SpawnPlace,
): Record<StreamName, { writer: number; reader: number }> {
  try {
    assertDescriptorsLeft();
    const out = openFifo(fifoPath(folder, io, 'out'), user);
    try {
      return { out, error: openFifo(fifoPath(folder, io, 'error'), user) };
    } catch (error) {
      closeSync(out.writer);
      closeSync(out.reader);
      throw error;
    }
  } catch (error) {
    throw cannotOpen('output', error);
  }
}

function cannotOpen(what: string, error: unknown): Error {
  const code = errorCode(error);
  const hint = limitsHint(code);
  const why = hint === null ? errorMessage(error) : `${code}: ${hint}`;
  return startError(code, `spawn: cannot open its ${what}: ${why}`, error);
}

/** Null: none, what it reads is written to it, or its input is a terminal. */
function inputOf({ user, stdin, input, terminal }: LaunchCommand, { folder, io }: SpawnPlace): number | null {
  const path = fifoPath(folder, io, 'in');
  try {
    if (stdin === 'open' && input === null && terminal === null) return openInput(path, user);
    unlinkSync(path);
    return null;
  } catch (error) {
    throw cannotOpen('input', error);
  }
}

/** Null: it has none, or there is no room for one: it goes without. */
function folderOf({ folder }: LaunchCommand): number | null {
  try {
    return folder === null ? null : openUserFolder(folder.below, folder.uid);
  } catch {
    return null;
  }
}

/** Null: nobody is to know later how it ended. */
function noteOf({ noteExit, user }: LaunchCommand, { folder, io }: SpawnPlace): number | null {
  try {
    return noteExit ? openExitNote(folder, io, user) : null;
  } catch (error) {
    throw cannotOpen('note of its end', error);
  }
}

/** As much as a pipe holds: it is there for the process to read, whatever becomes of us. */
function write({ stdin }: ChildProcess, input: string): void {
  // It need not read it.
  stdin?.on('error', () => undefined);
  stdin?.end(input);
}

function start(
  { file, args, cwd, env, umask, channel }: LaunchCommand,
  given: readonly (number | 'ignore' | 'pipe')[],
  last: number | null,
): ChildProcess {
  const ours = process.umask(umask);
  try {
    // 'ipc' only where sockets are to be sent: it needs care, see node-transport.ts.
    const channels = { none: [], messages: ['pipe'], handles: ['ipc'] } as const;
    return spawn(file, args, {
      cwd,
      env,
      detached: true,
      stdio: [...given, ...channels[channel], ...(last === null ? [] : [last])],
    });
  } catch (error) {
    // NUL bytes and the like, which no program can be given.
    throw new Error(`spawn: ${errorMessage(error)}`, { cause: error });
  } finally {
    process.umask(ours);
  }
}

function channelOf(
  child: ChildProcess,
  { channel, sockets }: LaunchCommand,
  clock: Clock,
): OpenTransport | null {
  if (channel === 'none') return null;
  // What Node calls a pipe is a pair of connected Unix sockets.
  return channel === 'handles'
    ? nodeTransport(child, clock)
    : streamTransport(Reflect.get(child.stdio, channelFd(sockets)) as Duplex);
}

function failureOf(child: ChildProcess, file: string): Promise<Error> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(spawnFailure(errorCode(error) ?? 'error', file)));
  });
}
