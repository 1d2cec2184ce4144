import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { DeclareAnswer, DeclareRequest } from '../../config/declared-answer.ts';

export interface DeclareOptions {
  /** The built program (src/sources/declare/main.ts). */
  readonly program: string;
  /** For `${VAR}` in the file. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, 'after'>;
  readonly signal?: AbortSignal;
}

/** Longer than the file's own JavaScript may take. */
const LIMIT_MS = 30_000;
const HEAP_MB = 512;
const OUTPUT_BYTES = 128 * 1024 * 1024;
const SAID_CHARACTERS = 2_048;

/** Reads an ecosystem file in a process of its own, with bounds of time, memory and output. */
export function declare(request: DeclareRequest, options: DeclareOptions): Promise<DeclareAnswer> {
  const { program, environment, clock, signal } = options;
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, program], {
    cwd: dirname(request.file),
    env: { ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let said = '';
    let isDone = false;
    const finish = (answer: DeclareAnswer): void => {
      if (isDone) return;
      isDone = true;
      cancel();
      signal?.removeEventListener('abort', onAbort);
      killGroup(child.pid);
      resolve(answer);
    };
    const onAbort = (): void => finish(broken(request, 'it was given up'));
    signal?.addEventListener('abort', onAbort);
    const cancel = clock.after(LIMIT_MS, () =>
      finish(broken(request, `reading it took longer than ${LIMIT_MS / 1_000} s`)),
    );
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > OUTPUT_BYTES) finish(broken(request, 'it declares more than can be read'));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_CHARACTERS);
    });
    child.on('error', (error) => finish(broken(request, error.message)));
    child.on('close', (code, by) => {
      const how = by === null ? `exit code ${String(code)}` : by;
      finish(parsed(chunks) ?? broken(request, `the process that reads it ended (${how})`, said));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
  });
}

function parsed(chunks: readonly Buffer[]): DeclareAnswer | null {
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as DeclareAnswer;
  } catch {
    return null;
  }
}

function broken({ shown }: DeclareRequest, why: string, said = ''): DeclareAnswer {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const failure: Failure = {
    code: 'CONFIG_UNREADABLE',
    message: `cannot read ${shown}: ${why}`,
    position: { file: shown },
    ...(lines.length > 0 && { details: lines.slice(-5) }),
  };
  return { ok: false, failures: [failure], read: [] };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group is gone already.
  }
}
