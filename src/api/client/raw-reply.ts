import { DEADLINE_HEADER } from '../contract/deadline.ts';
import { API_VERSION, VERSION_HEADER } from '../contract/version.ts';

/** The answer to a raw request. */
export interface RawReply {
  readonly status: number;
  readonly body: string;
  /** The versions of the API that the daemon supports, as its header says; undefined: it does not say. */
  readonly served: string | undefined;
  /** The program that answers, as its header says; undefined: it does not say. */
  readonly program: string | undefined;
}

/** What a raw request says. */
export interface RawQuestion {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  /** JSON text; left out: none. */
  readonly body?: string;
  /** Up to when it may be begun: see DEADLINE_HEADER. Left out: whenever. */
  readonly deadline?: string;
}

/** The largest answer that is read: several times what ten thousand apps need. */
const MAX_REPLY_BYTES = 256 * 1024 * 1024;
const HEADER_END = '\r\n\r\n';

/** Whether a path can stand in a request as it is. */
export function isPlainPath(path: string): boolean {
  return !/[^!-~]/.test(path);
}

/** The request as it is sent. */
export function requestText({ method, path, body, deadline }: RawQuestion): string {
  const limit = deadline === undefined ? '' : `${DEADLINE_HEADER}: ${deadline}\r\n`;
  const content =
    body === undefined
      ? ''
      : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: stateward\r\n${VERSION_HEADER}: ${API_VERSION}\r\nconnection: close\r\n${limit}${content}\r\n${body ?? ''}`;
}

/** Puts an answer together from the pieces in which it comes: it reads what our own server sends. */
export interface ReplyReader {
  /** True: the answer is all there. Throws on an answer that cannot be read here. */
  readonly add: (chunk: Buffer) => boolean;
  /** The answer; throws where it was cut off. */
  readonly reply: () => RawReply;
}

/** A reader of answers that have a Content-Length, or come in chunks. */
export function replyReader(): ReplyReader {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let head: ReplyHead | null = null;
  return {
    add: (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_REPLY_BYTES) throw new Error('the answer is too large');
      head ??= parseHead(Buffer.concat(chunks));
      // What comes in chunks ends with the connection.
      return head?.length != null && bytes >= head.end + head.length;
    },
    reply: () => {
      if (head === null) throw new Error('the answer was cut off');
      const { end, length, ...rest } = head;
      const all = Buffer.concat(chunks);
      if (length === null) return { ...rest, body: unchunked(all.subarray(end)).toString('utf8') };
      if (bytes < end + length) throw new Error('the answer was cut off');
      return { ...rest, body: all.toString('utf8', end, end + length) };
    },
  };
}

interface ReplyHead extends Omit<RawReply, 'body'> {
  /** Where the body begins. */
  readonly end: number;
  /** Bytes of the body; null: it comes in chunks. */
  readonly length: number | null;
}

/** null: the headers are not all there yet. Throws on what cannot be read here. */
function parseHead(bytes: Buffer): ReplyHead | null {
  const end = bytes.indexOf(HEADER_END);
  if (end === -1) return null;
  const head = bytes.toString('latin1', 0, end);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const length = /^content-length: *(\d+)\r?$/im.exec(head)?.[1];
  const isChunked = /^transfer-encoding: *chunked\r?$/im.test(head);
  if (status === undefined || (length === undefined && !isChunked))
    throw new Error('the answer is of an unknown form');
  const served = /^stateward-api: *(\S+)\r?$/im.exec(head)?.[1];
  const program = /^stateward-build: *([^\r\n]+)/im.exec(head)?.[1];
  const size = length === undefined ? null : Number(length);
  return { status: Number(status), served, program, end: end + HEADER_END.length, length: size };
}

/** The chunks of a body put together; throws where the last one, which is empty, is missing. */
function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const line = body.indexOf('\r\n', at);
    const size = line === -1 ? NaN : Number.parseInt(body.toString('latin1', at, line), 16);
    if (size === 0) return Buffer.concat(parts);
    const from = line + 2;
    if (Number.isNaN(size) || from + size + 2 > body.length) throw new Error('the answer was cut off');
    parts.push(body.subarray(from, from + size));
    at = from + size + 2;
  }
}
