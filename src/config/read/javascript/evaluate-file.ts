import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { systemClock, type Clock } from '../../../lib/clocks/clock.ts';
import type { EvaluationAnswer } from '../../evaluate/answer.ts';
import { LIMITS } from '../limits.ts';
import { NODE, type Evaluator } from './typescript.ts';

export interface EvaluateOptions {
  /** Absolute path of the ecosystem file. */
  readonly path: string;
  readonly env: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The built child program (src/config/evaluate/main.ts). */
  readonly evaluatorPath: string;
  /** What runs it; the Node that runs us when left out. */
  readonly evaluator?: Evaluator;
  readonly limitMs?: number;
  readonly clock?: Clock;
}

/** How an evaluation ended. `said`: the end of what the file wrote to standard error. */
export type Evaluation =
  | { readonly kind: 'answered'; readonly answer: EvaluationAnswer; readonly said: string }
  | { readonly kind: 'timeout'; readonly limitMs: number; readonly said: string }
  | { readonly kind: 'too-large'; readonly said: string }
  | { readonly kind: 'failed'; readonly error: string; readonly said: string }
  | {
      readonly kind: 'died';
      readonly code: number | null;
      readonly signal: string | null;
      readonly said: string;
    };

/** What is kept of standard error. */
const SAID_CHARACTERS = 4096;

/**
 * Evaluates an ecosystem file in a separate process, in the file's folder, with limits of time, memory and output.
 * Whatever the file started in its process group is ended with it.
 */
export async function evaluateFile(options: EvaluateOptions): Promise<Evaluation> {
  const {
    path,
    env,
    environment,
    evaluatorPath,
    evaluator = NODE,
    limitMs = LIMITS.evaluationMs,
    clock = systemClock,
  } = options;
  const heap =
    evaluator.program === process.execPath ? [`--max-old-space-size=${LIMITS.evaluationHeapMb}`] : [];
  const args = [...heap, ...evaluator.args, resolve(evaluatorPath), path];
  const child = spawn(evaluator.program, env === null ? args : [...args, env], {
    cwd: dirname(path),
    env: { ...environment, ...evaluator.env },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const said = tail(child.stderr);
  return new Promise((settle) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isDone = false;
    const finish = (end: WithoutSaid): void => {
      if (isDone) return;
      isDone = true;
      cancel();
      killGroup(child);
      settle({ ...end, said: said() });
    };
    const cancel = clock.after(limitMs, () => finish({ kind: 'timeout', limitMs }));
    (child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LIMITS.evaluationBytes) finish({ kind: 'too-large' });
    });
    child.on('error', (error) => finish({ kind: 'failed', error: error.message }));
    // Not `close`: something that the file started may hold its standard error open for ever.
    child.on('exit', (code, signal) => {
      (child.stdio[3] as Readable).once('close', () =>
        finish(answered(chunks) ?? { kind: 'died', code, signal }),
      );
      if ((child.stdio[3] as Readable).closed) finish(answered(chunks) ?? { kind: 'died', code, signal });
    });
  });
}

type WithoutSaid = Evaluation extends infer E ? (E extends Evaluation ? Omit<E, 'said'> : never) : never;

function answered(chunks: readonly Buffer[]): WithoutSaid | undefined {
  if (chunks.length === 0) return undefined;
  try {
    const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as EvaluationAnswer;
    return { kind: 'answered', answer };
  } catch {
    // The process ended in the middle of its answer.
    return undefined;
  }
}

function tail(stream: Readable | null): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-SAID_CHARACTERS);
  });
  return () => text;
}

function killGroup(child: ChildProcess): void {
  child.stderr?.destroy();
  (child.stdio[3] as Readable).destroy();
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group is gone already.
  }
}
