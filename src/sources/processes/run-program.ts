import { spawn, type ChildProcess } from 'node:child_process';
import { systemClock, type Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { endProcess } from './end-marked.ts';

export interface ProgramRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** All of it, in milliseconds of `clock`. */
  readonly totalMs: number;
  /** Absent: that of the system. */
  readonly clock?: Pick<Clock, 'after'>;
  /** Without a byte of output; absent: it may be silent. */
  readonly stallMs?: number;
  /** Of its standard output. */
  readonly maxOutput: number;
  /** Looked at twice a second; what it gives ends the program. */
  readonly watch?: () => Promise<ProgramEnd | null>;
  /** Takes what it writes to both streams, as it comes: nothing of it is kept then. */
  readonly onOutput?: (chunk: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Why we ended it. */
export type ProgramEnd = 'too-long' | 'stalled' | 'too-big' | 'cancelled';

export interface ProgramResult {
  /** null: ended by a signal, or never begun. */
  readonly code: number | null;
  /** The signal that has ended it, not by us; null: none, or it never began. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  /** The end of it, without what was written over on its line. */
  readonly stderr: string;
  /** Why it was ended by us; null: it ended by itself. */
  readonly ended: ProgramEnd | null;
}

const MAX_STDERR = 64 * 1024;
const WATCH_MS = 500;
/** Streams that another process has inherited are not waited for. */
const DRAIN_MS = 2_000;

/**
 * Runs a program as the leader of a group of its own, which ends with it. Never rejects: what cannot be started has
 * no code, and says why in `stderr`.
 */
export function runProgram(run: ProgramRun): Promise<ProgramResult> {
  const { file, args, cwd, env, input, onOutput, signal } = run;
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let ended: ProgramEnd | null = null;
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const end = (why: ProgramEnd): void => {
      ended ??= why;
      endGroup(child);
    };
    const timers = bounds(run, end);
    const cancel = (): void => end('cancelled');
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel);
    child.stdout.on('data', (chunk: Buffer) => {
      timers.alive();
      if (onOutput !== undefined) {
        onOutput(chunk);
        return;
      }
      size += chunk.length;
      if (size > run.maxOutput) end('too-big');
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      timers.alive();
      if (onOutput !== undefined) {
        onOutput(chunk);
        return;
      }
      stderr = withoutProgress(stderr + chunk.toString('utf8')).slice(-MAX_STDERR);
    });
    // It may end before it has read all.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    let isDone = false;
    const done = (code: number | null, by: NodeJS.Signals | null = null): void => {
      if (isDone) return;
      isDone = true;
      timers.stop();
      signal?.removeEventListener('abort', cancel);
      endGroup(child);
      child.stdout.destroy();
      child.stderr.destroy();
      const how = ended === null ? { code, signal: by } : { code: null, signal: null };
      resolve({ ...how, stdout: Buffer.concat(stdout), stderr, ended });
    };
    child.on('error', (error) => {
      stderr += errorMessage(error);
      done(null);
    });
    child.on('exit', (code, by) => {
      // What it left behind would hold its streams open.
      endGroup(child);
      setTimeout(() => done(code, by), DRAIN_MS).unref();
    });
    child.on('close', done);
  });
}

interface Bounds {
  alive(): void;
  stop(): void;
}

function bounds(
  { totalMs, clock = systemClock, stallMs, watch }: ProgramRun,
  end: (why: ProgramEnd) => void,
): Bounds {
  const cancelTotal = clock.after(totalMs, () => end('too-long'));
  const stall = stallMs === undefined ? null : setTimeout(() => end('stalled'), stallMs);
  const look = (): void => {
    watch?.().then(
      (why) => why !== null && end(why),
      () => undefined,
    );
  };
  const watching = watch === undefined ? null : setInterval(look, WATCH_MS);
  return {
    alive: () => void stall?.refresh(),
    stop: () => {
      cancelTotal();
      if (stall !== null) clearTimeout(stall);
      if (watching !== null) clearInterval(watching);
    },
  };
}

/** Of a line that was written over again and again, what stands there at last. */
function withoutProgress(text: string): string {
  return text.replaceAll(/[^\r\n]*\r(?!\n|$)/g, '');
}

/** Ends a child with all of its group. */
function endGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid !== undefined) endProcess(-pid);
}
