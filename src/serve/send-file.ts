import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname, extname } from 'node:path';
import fresh from 'fresh';
import mime from 'mime-types';
import send from 'send';
import { createCompressedFiles, isWorthwhile } from './compressed-files.ts';
import { encodingsOf, ENDINGS, isCompressible, type Encoding } from './encoding.ts';

/** A file to send, by its path without links. */
export interface FileAnswer {
  readonly path: string;
  readonly stats: Stats;
  readonly status: 200 | 404;
}

export interface FileSender {
  /** Resolves when the answer has been given, or nobody waits for it any more. */
  send(request: IncomingMessage, response: ServerResponse, file: FileAnswer): Promise<void>;
}

export interface FileSenderOptions {
  /** How long a client may use what it has without asking; pages are always asked for. Milliseconds. */
  readonly maxAgeMs: number;
  /** Only those who are allowed to read it may keep it. */
  readonly isPrivate: boolean;
  /** Called for a file that cannot be sent; the status says why. */
  readonly onRefused: (request: IncomingMessage, response: ServerResponse, status: number) => void;
}

/** A file in the form that is sent: itself, one that was compressed beforehand, or compressed now. */
type Form =
  | { readonly kind: 'file'; readonly path: string; readonly encoding: Encoding | null }
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly encoding: Encoding };

const UNKNOWN_TYPE = 'application/octet-stream';

/** Sends files: with their type, validators, ranges, and compressed for those who take it. */
export function createFileSender(options: FileSenderOptions): FileSender {
  const compressed = createCompressedFiles();

  /** The smallest form that the client takes. A part of a file is a part of the file itself. */
  async function formOf(request: IncomingMessage, { path, stats }: FileAnswer): Promise<Form> {
    const plain: Form = { kind: 'file', path, encoding: null };
    const { headers } = request;
    if (headers.range !== undefined || headers['if-match'] !== undefined) return plain;
    const encodings = encodingsOf(request);
    for (const encoding of encodings) {
      const beside = `${path}${ENDINGS[encoding]}`;
      if (await isUpToDate(beside, stats)) return { kind: 'file', path: beside, encoding };
    }
    const [best] = encodings;
    if (best === undefined || !isWorthwhile(stats)) return plain;
    const bytes = await compressed.get({ path, stats }, best);
    return bytes === null ? plain : { kind: 'bytes', bytes, encoding: best };
  }

  return {
    async send(request, response, file) {
      const type = mime.contentType(extname(file.path)) || UNKNOWN_TYPE;
      response.setHeader('Content-Type', type);
      response.setHeader('Cache-Control', cacheControl(type, file, options));
      const isText = isCompressible(type);
      if (isText) response.setHeader('Vary', 'Accept-Encoding');
      const form: Form = isText
        ? await formOf(request, file)
        : { kind: 'file', path: file.path, encoding: null };
      response.statusCode = file.status;
      if (form.encoding !== null) response.setHeader('Content-Encoding', form.encoding);
      if (form.kind === 'bytes') sendBytes(request, response, { ...file, ...form });
      else await stream(request, response, { ...file, path: form.path }, options);
    },
  };
}

/** A file that was compressed beforehand counts as long as it is not older than the file itself; a link does not. */
async function isUpToDate(path: string, { mtimeMs }: Stats): Promise<boolean> {
  try {
    const stats = await lstat(path);
    return stats.isFile() && stats.mtimeMs >= mtimeMs;
  } catch {
    return false;
  }
}

function cacheControl(
  type: string,
  { status }: FileAnswer,
  { maxAgeMs, isPrivate }: FileSenderOptions,
): string {
  if (status === 404) return 'no-store';
  const seconds = type.startsWith('text/html') ? 0 : Math.floor(maxAgeMs / 1000);
  return `${isPrivate ? 'private' : 'public'}, max-age=${seconds}${seconds === 0 ? ', must-revalidate' : ''}`;
}

function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, stats, status, encoding }: FileAnswer & { readonly bytes: Buffer; readonly encoding: Encoding },
): void {
  const etag = `W/"${stats.size.toString(16)}-${Math.floor(stats.mtimeMs).toString(16)}-${encoding}"`;
  const lastModified = stats.mtime.toUTCString();
  response.setHeader('ETag', etag);
  response.setHeader('Last-Modified', lastModified);
  if (status === 200 && fresh(request.headers, { etag, 'last-modified': lastModified })) {
    for (const name of ['Content-Type', 'Content-Encoding']) response.removeHeader(name);
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('Content-Length', bytes.length);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** The file as it is on disk, by the library: ranges, conditional requests, a client that goes away. */
function stream(
  request: IncomingMessage,
  response: ServerResponse,
  { path, status }: FileAnswer,
  { onRefused }: FileSenderOptions,
): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    // Validators of the page that is shown instead are none of the page that was asked for.
    const isPage = status === 404;
    send(request, encodeURIComponent(basename(path)), {
      root: dirname(path),
      dotfiles: 'allow',
      index: false,
      cacheControl: false,
      acceptRanges: !isPage,
      etag: !isPage,
      lastModified: !isPage,
    })
      .on('error', (error: { readonly status?: number; readonly headers?: Record<string, string> }) => {
        for (const name of response.getHeaderNames()) {
          if (name !== 'x-content-type-options') response.removeHeader(name);
        }
        for (const [name, value] of Object.entries(error.headers ?? {})) response.setHeader(name, value);
        onRefused(request, response, error.status ?? 500);
      })
      .pipe(response);
  });
}
