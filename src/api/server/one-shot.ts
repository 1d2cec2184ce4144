import type { Readable, Writable } from 'node:stream';
import type { ApiBackend } from '../contract/endpoints/backend.ts';
import { isObject } from '../../lib/checks.ts';
import { CANNOT_FOLLOW } from '../contract/no-daemon.ts';
import { dispatch, internalFailure } from './dispatch.ts';
import { errorBody } from '../contract/failure-status.ts';
import { FailureError } from '../../lib/failure.ts';
import { badRequest } from '../contract/endpoints/checked.ts';
import { failureReply, type Reply } from './routes.ts';

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** Where the request comes from, and where the answer goes. */
export interface OneShotOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly backend: ApiBackend;
  readonly onError?: (error: unknown) => void;
}

/**
 * Answers one request and ends: `{method, path, body}` as one line of JSON on `input`, `{status, body}` as one line
 * on `output`, through the same route table as the server. A stream of lines that ends is answered by `{status, lines: true}`,
 * and a line for each of its items. What goes on until somebody ends it needs a daemon, and is refused (503).
 */
export async function runOneShot(options: OneShotOptions): Promise<void> {
  const reply = await answerOnce(options);
  if (reply.kind === 'json') {
    await writeLine(options.output, { status: reply.status, body: reply.body });
    return;
  }
  await writeLine(options.output, { status: 200, lines: true });
  try {
    for await (const item of reply.lines) await writeLine(options.output, item);
  } catch (error) {
    if (!(error instanceof FailureError)) options.onError?.(error);
    const failure = error instanceof FailureError ? error.failures[0] : internalFailure();
    await writeLine(options.output, errorBody(failure));
  }
}

/** Resolves when the reader has room for more. */
async function writeLine(output: Writable, value: unknown): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    output.write(`${JSON.stringify(value)}\n`, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

type OneShotReply = Extract<Reply, { kind: 'json' | 'lines' }>;

async function answerOnce(options: OneShotOptions): Promise<OneShotReply> {
  const request = parseRequest(await readLine(options.input));
  if (request === null) return failureReply(badRequest('it is not a line of JSON with method and path'));
  const abort = new AbortController();
  const reply = await dispatch(
    options.backend,
    { ...request, lastEventId: null, signal: abort.signal, wanted: () => Promise.resolve(null) },
    options.onError ?? (() => undefined),
  );
  if (reply.kind === 'json' || (reply.kind === 'lines' && !reply.follows)) return reply;
  abort.abort();
  return failureReply(CANNOT_FOLLOW);
}

function parseRequest(
  text: string | null,
): { readonly method: string; readonly target: string; readonly body: unknown } | null {
  try {
    const parsed: unknown = JSON.parse(text ?? '');
    if (!isObject(parsed)) return null;
    const { method, path, body } = parsed;
    return typeof method === 'string' && typeof path === 'string' ? { method, target: path, body } : null;
  } catch {
    return null;
  }
}

/** The first line, or everything if there is no newline; null when it is too long. */
async function readLine(input: Readable): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const newline = buffer.indexOf(0x0a);
    chunks.push(newline === -1 ? buffer : buffer.subarray(0, newline));
    bytes += buffer.length;
    if (bytes > MAX_REQUEST_BYTES) return null;
    if (newline !== -1) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
