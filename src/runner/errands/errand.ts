import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants as flags, openSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import type { Clock } from '../../lib/clocks/clock.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { formatDuration } from '../../lib/units.ts';
import { fifoPath } from '../output/fifo.ts';
import type { ErrandSpec } from '../protocol/orders.ts';
import type { StreamName } from '../protocol/reports.ts';
import { launchCommand, type HostContext, type LaunchCommand } from '../spawn/launch-command.ts';
import { spawnFailure } from '../spawn/spawn-failure.ts';
import { notePid, openErrandNote, type ErrandMark } from './errand-note.ts';

/** Whom it is run for. */
export interface ErrandPlace {
  readonly nonce: string;
  /** Name of its set of FIFOs; empty: it has none, and what is written is lost. */
  readonly io: string;
  /** Its main process. */
  readonly pid: number;
  /** Under which a later runner is to know how it ended. */
  readonly mark: ErrandMark;
}

export interface ErrandContext {
  readonly clock: Clock;
  readonly host: HostContext;
  /** Folder of the FIFOs. */
  readonly folder: string;
}

/** Where it finds the main process: as systemd says it, and in our words. */
const PID_VARIABLES = ['MAINPID', 'STATEWARD_PID'] as const;

/**
 * A program that is run for an instance while that runs: to end it, or to have it read its settings again. It leads a
 * group of its own, writes to the log of the instance, and carries its nonce, so that it ends with the instance at last.
 */
export class Errand {
  /** Why it has failed, for people; null: it has ended well. Never rejects. */
  readonly ended: Promise<string | null>;
  /** Resolves when it runs, or never will. */
  readonly begun: Promise<void>;
  readonly #name: string;
  #child: ChildProcess | null = null;
  #cancelled: string | null = null;

  constructor(spec: ErrandSpec, place: ErrandPlace, context: ErrandContext) {
    this.#name = basename(spec.file);
    const { clock } = context;
    const { timeoutMs } = spec;
    const late = `did not end within ${formatDuration(timeoutMs)} and was killed`;
    const cancelTimer = clock.after(timeoutMs, () => this.cancel(late));
    const { promise, resolve } = deferred();
    this.begun = promise;
    this.ended = this.#run(spec, place, { ...context, onBegun: resolve })
      .catch((error: unknown) => errorMessage(error))
      .finally(cancelTimer)
      .finally(resolve);
  }

  /** Ends it at once; `why` follows its name. */
  cancel(why: string): void {
    this.#cancelled ??= why;
    const pid = this.#child?.pid;
    if (pid === undefined || this.#child?.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }

  async #run(
    spec: ErrandSpec,
    place: ErrandPlace,
    { clock, host, folder, onBegun }: ErrandContext & { readonly onBegun: () => void },
  ): Promise<string | null> {
    const pids = Object.fromEntries(PID_VARIABLES.map((name) => [name, String(place.pid)]));
    const { nonce, io, mark } = place;
    const noteExit = io !== '';
    const command = await launchCommand(
      { ...spec, nonce, noteExit, env: { ...spec.env, ...pids } },
      { user: host.user, env: host.env },
    );
    if (this.#cancelled !== null) return `${this.#name} ${this.#cancelled}`;
    const streams: Stream[] = (['out', 'error'] as const).map((stream) => openStream(folder, io, stream));
    try {
      const note = noteExit
        ? openErrandNote(
            { folder, io, kind: mark.kind },
            { count: mark.count, at: clock.now() },
            command.user,
          )
        : null;
      if (note !== null) streams.push(note);
      this.#child = start(command, streams);
      if (note !== null && this.#child.pid !== undefined) notePid(note, this.#child.pid);
      onBegun();
      return await this.#end(this.#child, spec.file);
    } finally {
      for (const stream of streams) if (stream !== 'ignore') closeSync(stream);
    }
  }

  #end(child: ChildProcess, file: string): Promise<string | null> {
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(spawnFailure(errorCode(error) ?? 'error', file).message));
      child.once('exit', (code, signal) => {
        if (this.#cancelled !== null) resolve(`${this.#name} ${this.#cancelled}`);
        else resolve(endedWith(this.#name, code, signal));
      });
    });
  }
}

/** Why a program has failed that ended so, for people; null: it has not. What the shell in front of it saw is a code. */
export function endedWith(name: string, code: number | null, signal: NodeJS.Signals | null): string | null {
  if (code === 0) return null;
  const of = Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
  if (signal !== null) return `${name} ended by ${signal}`;
  return `${name} ended with code ${code ?? 'unknown'}${of === undefined ? '' : ` (${of})`}`;
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

type Stream = number | 'ignore';

function start({ file, args, cwd, env, umask }: LaunchCommand, streams: readonly Stream[]): ChildProcess {
  const ours = process.umask(umask);
  try {
    return spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', ...streams] });
  } finally {
    process.umask(ours);
  }
}

/** For the program: a description of its own, open for reading too, as the process has one. */
function openStream(folder: string, io: string, stream: StreamName): Stream {
  if (io === '') return 'ignore';
  try {
    return openSync(fifoPath(folder, io, stream), flags.O_RDWR | flags.O_NOFOLLOW);
  } catch {
    return 'ignore';
  }
}
