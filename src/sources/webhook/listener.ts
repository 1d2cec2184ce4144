import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { LISTEN_HINT, listenAddress, type ListenAddress } from './listen-address.ts';
import type { WebhookListener, WebhookListenerOptions, WebhookTarget } from './model.ts';
import { isNeedless, pushedRef } from './pushed-ref.ts';
import { RateLimit, Spaced } from '../../lib/rates/rate.ts';
import { prepareCheck } from './signatures.ts';

/** The most that GitHub sends. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;
/** What is kept of a body, to read which ref it is about. */
const MAX_READ_BYTES = 512 * 1024;
const MAX_CONNECTIONS = 64;
const HEADERS_MS = 5_000;
/** All of a request: 25 MB over a slow line. */
const REQUEST_MS = 60_000;
const GAP_MS = 2_000;
/** Requests that were not signed as they should be, of one address. */
const BAD_PER_MINUTE = 30;

const PATH = /^\/hooks\/([A-Za-z0-9][A-Za-z0-9._-]{0,99})\/?(?:\?.*)?$/;

/**
 * Listens for hosts of repositories that say that something was pushed. Nothing of what they send is believed: a request
 * that is signed with a secret of a source has that source fetched, and does nothing more, so one that is sent again does
 * no harm. CONFLICT when the port is taken, PERMISSION, CONFIG_BAD_VALUE for an address that is none.
 */
export function listenForWebhooks(
  options: WebhookListenerOptions,
): Promise<Result<WebhookListener, Failure>> {
  const place = listenAddress(options.listen);
  if (place === null) {
    return Promise.resolve(
      err({
        code: 'CONFIG_BAD_VALUE',
        message: `cannot listen for webhooks: ${JSON.stringify(options.listen)} is not an address with a port`,
        hint: LISTEN_HINT,
      }),
    );
  }
  const spaced = new Spaced(options.clock, GAP_MS);
  const bad = new RateLimit(options.clock, BAD_PER_MINUTE);
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 5_000,
    },
    (request, response) => {
      answer({ ...options, spaced, bad }, request, response).catch((error: unknown) => {
        options.log(`webhook: ${errorMessage(error)}`);
        response.destroy();
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return listening(server, options, place, spaced);
}

function listening(
  server: Server,
  { log }: WebhookListenerOptions,
  { host, port }: ListenAddress,
  spaced: Spaced,
): Promise<Result<WebhookListener, Failure>> {
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(err(listenFailure(error, `${host}:${port}`))));
    server.listen({ host, port }, () => {
      server.on('error', (error) => log(`webhook: ${errorMessage(error)}`));
      const { address, family, port: taken } = server.address() as AddressInfo;
      resolve(
        ok({
          address: family === 'IPv6' ? `[${address}]:${taken}` : `${address}:${taken}`,
          close: () => {
            spaced.close();
            server.close();
            server.closeAllConnections();
          },
        }),
      );
    });
  });
}

interface AnswerContext extends WebhookListenerOptions {
  readonly spaced: Spaced;
  readonly bad: RateLimit;
}

/** What is answered to a request; the message is for whoever sets the webhook up. */
interface Answer {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(
  context: AnswerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const given = await answerTo(context, request);
  if (given !== null) end(request, response, given);
}

/** null: whoever asked has gone. */
async function answerTo(context: AnswerContext, request: IncomingMessage): Promise<Answer | null> {
  const { clock, spaced, bad, log } = context;
  const [, name] = PATH.exec(request.url ?? '') ?? [];
  const target = name === undefined ? undefined : context.target(name);
  if (name === undefined || target === undefined) return { status: 404, message: 'there is no such source' };
  if (request.method !== 'POST') return { status: 405, message: 'send a POST', headers: { Allow: 'POST' } };
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return TOO_LARGE;
  const who = request.socket.remoteAddress ?? '';
  const signed = await readSigned(request, target, clock.now());
  if (signed === 'too-large') return TOO_LARGE;
  if (signed === 'aborted') return null;
  if (signed === 'not-signed') {
    if (!bad.take(who))
      return { status: 429, message: 'too many requests', headers: { 'Retry-After': '60' } };
    log(`webhook: a request for ${name} from ${who} is not signed with its secret`);
    return { status: 401, message: 'this is not signed with the secret of the source' };
  }
  if (isNeedless(pushedRef(signed), target.ref)) {
    return { status: 202, message: 'nothing to do: another branch is followed' };
  }
  spaced.ask(name, () => target.fetch());
  return { status: 202, message: 'the source will be fetched' };
}

const TOO_LARGE: Answer = { status: 413, message: 'too large' };

/** Reads a body to its end, and gives its beginning when it is signed. */
async function readSigned(
  request: IncomingMessage,
  target: WebhookTarget,
  now: number,
): Promise<Buffer | 'not-signed' | 'too-large' | 'aborted'> {
  const check = prepareCheck(request.headers, target.secrets(), now);
  const kept: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) return 'too-large';
      // Nothing that comes without a signature is worth reading.
      if (check === null) return 'not-signed';
      check.update(chunk);
      if (size <= MAX_READ_BYTES) kept.push(chunk);
    }
  } catch {
    return 'aborted';
  }
  if (check?.isSigned() !== true) return 'not-signed';
  return size <= MAX_READ_BYTES ? Buffer.concat(kept) : Buffer.alloc(0);
}

function end(request: IncomingMessage, response: ServerResponse, { status, message, headers }: Answer): void {
  // What was not read to its end is not read on: the connection goes.
  const isRead = request.readableEnded || request.complete;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    ...(!isRead && { Connection: 'close' }),
  });
  response.end(`${JSON.stringify({ message })}\n`);
}

function listenFailure(error: unknown, place: string): Failure {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    return {
      code: 'CONFLICT',
      message: `cannot listen for webhooks at ${place}: the port is taken`,
      hint: 'choose another port, or end what has it',
    };
  }
  if (code === 'EACCES') {
    return {
      code: 'PERMISSION',
      message: `cannot listen for webhooks at ${place}: the system does not allow it`,
      hint: 'choose a port above 1023',
    };
  }
  return {
    code: 'CONFIG_BAD_VALUE',
    message: `cannot listen for webhooks at ${place}: ${errorMessage(error)}`,
    hint: 'name an address of this host',
  };
}
