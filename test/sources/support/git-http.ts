import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { GIT_ENV } from './upstream.ts';

/** How a server differs from one that just serves. */
export interface GitHttpOptions {
  /** `user:password`, asked for by Basic. */
  readonly auth?: string;
  /** It speaks https, with these: PEM. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
}

/** A git server of its own: git-http-backend behind a small CGI server. */
export class GitHttp implements AsyncDisposable {
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  /** The Authorization header of each request. */
  readonly seen: string[] = [];

  private constructor(server: Server, scheme: 'http' | 'https' = 'http') {
    this.#server = server;
    this.#scheme = scheme;
  }

  static async start(root: string, { auth, tls }: GitHttpOptions = {}): Promise<GitHttp> {
    const server = tls === undefined ? createServer() : createSecureServer(tls);
    const git = new GitHttp(server, tls === undefined ? 'http' : 'https');
    server.on('request', (request, response) => {
      git.seen.push(request.headers.authorization ?? '');
      const wanted = auth === undefined ? undefined : `Basic ${Buffer.from(auth).toString('base64')}`;
      if (wanted !== undefined && request.headers.authorization !== wanted) {
        const said = Buffer.from(
          (request.headers.authorization ?? '').replace('Basic ', ''),
          'base64',
        ).toString();
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"', 'Content-Type': 'text/plain' });
        // A server that tells everybody what it was told.
        response.end(`no such user: ${said.split(':')[1] ?? ''}\n`);
        return;
      }
      backend(root, request, response);
    });
    return git.#listening();
  }

  /** A server that answers as it likes. */
  static async lying(listener: RequestListener): Promise<GitHttp> {
    const server = createServer(listener);
    return new GitHttp(server).#listening();
  }

  async #listening(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  url(path = '/shop.git'): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://x');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...GIT_ENV,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  let head = Buffer.alloc(0);
  let isHead = true;
  child.stdout.on('data', (chunk: Buffer) => {
    if (!isHead) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    isHead = false;
    const headers = head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(/: */, 2) as [string, string]);
    const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1];
    response.writeHead(
      Number(status?.slice(0, 3) ?? 200),
      Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== 'status')),
    );
    response.write(head.subarray(end + 4));
  });
  child.on('close', () => response.end());
}
