import { spawn, type ChildProcess } from 'node:child_process';
import { systemClock, type Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { isObject } from '../../lib/checks.ts';
import { failureOf } from '../contract/failure-status.ts';
import { splitLines } from '../contract/lines.ts';
import { createApiClient, type ApiClient } from './client.ts';
import type { ApiReply, ApiRequest, ApiTransport, StreamRequest } from '../contract/transport.ts';
import { errorMessage } from '../../lib/system-error.ts';

export interface ProcessTransportOptions {
  /** Absolute path of the daemon program; run as `node <program> <home> --one-shot`. */
  readonly program: string;
  readonly home: string;
  /** What is asked instead of a home: a snapshot of a host, from its file. */
  readonly against?: { readonly file: string; readonly verifyKey: string | null };
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Milliseconds that one answer may take. */
  readonly answerMs?: number;
}

const DEFAULT_ANSWER_MS = 30_000;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const SHOWN_ERROR_LINES = 5;
const MAX_SAID_CHUNKS = 16;

/** The same client without a daemon: for each request it runs a program that reads the state on disk, answers and ends. */
export function connectProcess(options: ProcessTransportOptions): ApiClient {
  return createApiClient(processTransport(options), options.clock ?? systemClock);
}

/**
 * Requests to a one-shot program (`one-shot.ts` is its other side). Streams that go on until somebody ends them are refused
 * with DAEMON_UNREACHABLE.
 */
export function processTransport(options: ProcessTransportOptions): ApiTransport {
  return {
    request: (request) => exchange(options, request),
    stream: (request) => openLines(options, request),
  };
}

async function openLines(
  options: ProcessTransportOptions,
  { path, signal }: StreamRequest,
): Promise<Result<AsyncIterable<string>, Failure>> {
  const child = startProgram(options, { method: 'GET', path });
  const said: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => {
    if (said.length < MAX_SAID_CHUNKS) said.push(chunk);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  const lines = splitLines(child.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await lines.next();
  const reply = first.done === true ? null : parseReply(first.value);
  if (reply?.ok !== true || reply.value.status !== 200) {
    await ended;
    if (reply?.ok !== true) return err(brokenFailure(Buffer.concat(said).toString(), child));
    return err(failureOf(reply.value.status, reply.value.body));
  }
  return ok(restOf(lines, stop));
}

async function* restOf(lines: AsyncIterator<string>, stop: () => void): AsyncGenerator<string> {
  try {
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) yield next.value;
  } finally {
    stop();
  }
}

function startProgram(options: ProcessTransportOptions, request: ApiRequest): ChildProcess {
  const { against } = options;
  const words =
    against === undefined
      ? ['--one-shot']
      : [
          `--against=${against.file}`,
          ...(against.verifyKey === null ? [] : [`--verify-key=${against.verifyKey}`]),
        ];
  const child = spawn(process.execPath, [options.program, options.home, ...words], {
    // Not in the caller's folder, which may be gone.
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  });
  // A program that ends early shows in its answer, or in the lack of one.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(request)}\n`);
  return child;
}

async function exchange(
  options: ProcessTransportOptions,
  request: ApiRequest,
): Promise<Result<ApiReply, Failure>> {
  const child = startProgram(options, request);
  const cancel = (options.clock ?? systemClock).after(options.answerMs ?? DEFAULT_ANSWER_MS, () => {
    child.kill('SIGKILL');
  });
  try {
    const { stdout, stderr } = await outputOf(child);
    return parseReply(stdout) ?? err(brokenFailure(stderr, child));
  } catch (error) {
    return err(brokenFailure(errorMessage(error), child));
  } finally {
    cancel();
  }
}

/** Everything that the program writes until it ends. A program that writes too much is killed. */
function outputOf(child: ChildProcess): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      into.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) child.kill('SIGKILL');
    };
    child.stdout?.on('data', collect(stdout));
    child.stderr?.on('data', collect(stderr));
    child.once('error', reject);
    child.once('close', () =>
      resolve({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

function parseReply(text: string): Result<ApiReply, Failure> | null {
  try {
    const reply: unknown = JSON.parse(text);
    if (!isObject(reply) || typeof reply.status !== 'number') return null;
    return ok({ status: reply.status, body: reply.body });
  } catch {
    return null;
  }
}

function brokenFailure(said: string, child: ChildProcess): Failure {
  const ending = child.signalCode ?? `code ${child.exitCode ?? 'unknown'}`;
  return {
    code: 'INTERNAL',
    message: `cannot read the state without a daemon: the program ended with ${ending} and no answer`,
    hint: 'stateward doctor checks the home',
    details: lastWords(said),
  };
}

/** The last lines that a program wrote, without stack frames, which tell a user nothing. */
function lastWords(said: string): readonly string[] {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/^ {4}at |^Node\.js v/.test(line));
  return lines.slice(-SHOWN_ERROR_LINES);
}
