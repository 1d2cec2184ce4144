import { request as send } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AllowedRequest, Upstream } from '../../web/model.ts';

/** What of a request the daemon is told, and what of its answer whoever asked. */
const ASKED = ['accept', 'last-event-id'] as const;
const ANSWERED = ['content-type', 'content-length', 'cache-control', 'allow'] as const;

/** Answers by way of the socket of a daemon. One that is not there is a failure (503); the next request tries again. */
export function forwardTo(socketPath: string): Upstream {
  return (allowed, response) =>
    new Promise((resolve) => {
      response.once('close', resolve);
      passOn(socketPath, allowed, response);
    });
}

function passOn(
  socketPath: string,
  { request, target, body, signal }: AllowedRequest,
  response: ServerResponse,
): void {
  const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers: Record<string, string | number> = { connection: 'close' };
  for (const name of ASKED) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  if (text !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = text.length;
  }
  const method = request.method ?? 'GET';
  const passed = send({ socketPath, method, path: target, headers, signal, agent: false });
  passed.on('error', () => unreachable(response));
  passed.on('response', (answer) => {
    const known = ANSWERED.flatMap((name) => {
      const value = answer.headers[name];
      return value === undefined ? [] : ([[name, value]] as const);
    });
    response.writeHead(answer.statusCode ?? 502, Object.fromEntries(known));
    // A stream that says nothing yet has begun all the same.
    response.flushHeaders();
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  passed.end(text);
}

function unreachable(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = { code: 'DAEMON_UNREACHABLE', message: 'the daemon does not answer' };
  const bytes = Buffer.from(`${JSON.stringify({ error })}\n`);
  response.writeHead(503, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}
