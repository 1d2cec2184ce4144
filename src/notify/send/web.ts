import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { SEND_LIMIT_MS } from './jobs.ts';
import { readBounded, SendProblem } from './secrets.ts';

export interface WebRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Certificates beside those that Node knows; null: none. */
  readonly caFile: string | null;
}

export interface WebAnswer {
  readonly status: number;
  readonly statusText: string;
  /** As much of it as is read. */
  readonly body: string;
  readonly retryAfterMs: number | null;
  /** Where a redirect leads to: its origin. */
  readonly location: string | null;
}

const MAX_BODY_BYTES = 64 * 1024;
const LONGEST_RETRY_S = 24 * 60 * 60;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Reads an address. Throws SendProblem, whose message does not hold it. */
export function webAddress(text: string, { insecure }: { readonly insecure: boolean }): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new SendProblem('the address is not a URL');
  }
  if (url.protocol === 'https:') return url;
  if (url.protocol !== 'http:') throw new SendProblem(`the address is ${url.protocol}, and not https`);
  if (insecure || LOOPBACK.test(url.hostname)) return url;
  throw new SendProblem(
    `plain http to ${url.hostname} can be read by everybody on the way: write https, or insecure: true`,
  );
}

/**
 * Asks a server. Throws SendProblem. Whatever the server does, it ends: after the time of a job, and after 64 kB of an
 * answer. A redirect is an answer: what is secret is sent nowhere else.
 */
export async function ask({ method, url, headers, body, caFile }: WebRequest): Promise<WebAnswer> {
  const ca = caFile === null ? undefined : [...rootCertificates, await readBounded(caFile, 'certificates')];
  const options = {
    method,
    agent: false as const,
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' },
  };
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:';
    const request: ClientRequest = isTls
      ? tlsRequest(url, { ...options, rejectUnauthorized: true, ...(ca !== undefined && { ca }) })
      : plainRequest(url, options);
    // An answer whose body does not end is an answer.
    let finish: (() => void) | null = null;
    const timer = setTimeout(() => {
      if (finish !== null) finish();
      else fail(new SendProblem(`${url.host} has not answered within ${SEND_LIMIT_MS / 1000} s`));
    }, SEND_LIMIT_MS);
    const end = (): void => {
      clearTimeout(timer);
      request.destroy();
    };
    const fail = (problem: SendProblem): void => {
      end();
      reject(problem);
    };
    request.on('error', (error) => fail(new SendProblem(whyUnreached(url, error))));
    request.on('response', (response) => {
      finish = readBody(response, (text) => {
        end();
        resolve(answerOf(response, text));
      });
    });
    request.end(body);
  });
}

/** What was read when the answer ended, broke off, or was too long; what is returned ends it now. */
function readBody(response: IncomingMessage, done: (text: string) => void): () => void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (): void => done(Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES));
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY_BYTES) finish();
  });
  response.on('end', finish);
  response.on('error', finish);
  response.on('close', finish);
  return finish;
}

function answerOf({ statusCode = 0, statusMessage = '', headers }: IncomingMessage, body: string): WebAnswer {
  const seconds = Number(headers['retry-after']);
  const { location } = headers;
  return {
    status: statusCode,
    statusText: statusMessage,
    body,
    retryAfterMs: seconds > 0 ? Math.min(LONGEST_RETRY_S, seconds) * 1_000 : null,
    location: location === undefined ? null : originOf(location),
  };
}

function originOf(location: string): string {
  try {
    return new URL(location).origin;
  } catch {
    return 'another place of the same server';
  }
}

const CERTIFICATE =
  /^(?:ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|ERR_SSL_|INVALID_CA|HOSTNAME_MISMATCH)/;

function whyUnreached({ host }: URL, error: Error): string {
  const code = errorCode(error) ?? '';
  if (CERTIFICATE.test(code)) {
    return `the certificate or the encryption of ${host} is not good: ${errorMessage(error)} (ca_file names who else may vouch for it)`;
  }
  if (code.startsWith('HPE_')) return `${host} does not answer as a web server does (${code})`;
  return `${host} is not reached: ${errorMessage(error) === '' ? code : errorMessage(error)}`;
}
