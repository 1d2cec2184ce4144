import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { find, type Found, type Served } from './find.ts';
import { isAuthorised, type Credentials } from './password.ts';
import { readTarget, type Target } from './target.ts';
import type { FileSender } from './send-file.ts';

export interface AnswerOptions extends Served {
  /** The file that stands for a folder. */
  readonly homepage: string;
  /** A page that is not there is the homepage: the app in the browser knows it. */
  readonly spa: boolean;
  /** null: everybody may read. */
  readonly credentials: Credentials | null;
  readonly sender: FileSender;
  /** Called with what an operator has to know. */
  readonly onTrouble: (text: string) => void;
}

const NOT_FOUND_PAGE = '404.html';
const CHALLENGE = 'Basic realm="restricted", charset="UTF-8"';

/** Answers one request with a file of the served folder, or says why not. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerOptions,
): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  const { credentials } = options;
  if (credentials !== null && !isAuthorised(request.headers.authorization, credentials)) {
    response.setHeader('WWW-Authenticate', CHALLENGE);
    say(request, response, 401);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    // What comes behind its headers is not read.
    response.setHeader('Connection', 'close');
    say(request, response, 405);
    return;
  }
  const target = readTarget(request.url ?? '');
  if (target.kind === 'malformed') {
    say(request, response, 400);
    return;
  }
  const found = target.kind === 'hidden' ? ({ kind: 'missing' } as const) : await fileOf(target, options);
  switch (found.kind) {
    case 'file':
      return options.sender.send(request, response, { ...found, status: 200 });
    case 'folder': {
      redirect(request, response, target);
      return;
    }
    case 'unavailable':
      options.onTrouble(found.reason);
      {
        say(request, response, 503);
        return;
      }
    case 'missing':
      return target.kind === 'path' && options.spa && isNavigation(request)
        ? page(request, response, options.homepage, 200, options)
        : page(request, response, NOT_FOUND_PAGE, 404, options);
  }
}

/** The file that a target means. `folder`: one that is asked for without its slash. */
async function fileOf({ names, isFolder }: Path, options: AnswerOptions): Promise<Found> {
  const found = await find(options, names);
  // A file has nothing behind a slash.
  if (found.kind === 'file' && isFolder) return { kind: 'missing' };
  if (found.kind !== 'folder' || !isFolder) return found;
  const index = await find(options, [...names, options.homepage]);
  return index.kind === 'folder' ? { kind: 'missing' } : index;
}

type Path = Extract<Target, { readonly kind: 'path' }>;

/** A page of its own kind: the app of a folder, or what is shown instead of a page that is not there. */
async function page(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  status: 200 | 404,
  options: AnswerOptions,
): Promise<void> {
  const found = await find(options, [name]);
  if (found.kind === 'file') return options.sender.send(request, response, { ...found, status });
  say(request, response, 404);
}

/** A browser that opens a page, and not one that loads a part of it. */
function isNavigation({ headers }: IncomingMessage): boolean {
  const mode = headers['sec-fetch-mode'];
  return /\btext\/html\b/.test(headers.accept ?? '') && (mode === undefined || mode === 'navigate');
}

/** Always to a path of this host: no name in it is empty, so it never starts with two slashes. */
function redirect(request: IncomingMessage, response: ServerResponse, target: Target): void {
  if (target.kind !== 'path') {
    say(request, response, 404);
    return;
  }
  const path = target.names.map((name) => `/${encodeURIComponent(name)}`).join('');
  const query = target.query.replaceAll(/[^\x21-\x7e]/g, (char) => encodeURIComponent(char));
  response.setHeader('Location', `${path}/${query}`);
  say(request, response, 301);
}

/** A line of text that says what the status means. */
export function say(request: IncomingMessage, response: ServerResponse, status: number): void {
  const text = `${status} ${STATUS_CODES[status] ?? ''}\n`;
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.setHeader('Cache-Control', 'no-store');
  response.end(request.method === 'HEAD' ? undefined : text);
}
