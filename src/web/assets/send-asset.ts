import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../reply.ts';
import type { Asset, Assets } from './asset.ts';

/** Names in there hold a hash of what is in the file. */
const LASTING = '/assets/';
const PAGE = '/index.html';

/** Answers with a file of the dashboard; where a browser asks for a page of its router, with the dashboard itself. */
export async function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  { path, assets }: { readonly path: string; readonly assets: Assets },
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, {
      status: 405,
      code: 'BAD_REQUEST',
      message: 'cannot take the request: the path takes another method',
      headers: { allow: 'GET, HEAD' },
    });
    return;
  }
  const exact = await assets.at(path === '/' ? PAGE : path);
  if (exact !== null) {
    send(request, response, exact, path.startsWith(LASTING));
    return;
  }
  const asksForPage = path === '/' || (!path.startsWith(LASTING) && acceptsPages(request));
  const page = asksForPage ? await assets.at(PAGE) : null;
  if (page !== null) {
    send(request, response, page, false);
    return;
  }
  sayMissing(request, response, asksForPage);
}

function acceptsPages({ headers }: IncomingMessage): boolean {
  return /(?:^|[\s,])text\/html(?:$|[\s;,])/i.test(headers.accept ?? '');
}

function send(request: IncomingMessage, response: ServerResponse, asset: Asset, isLasting: boolean): void {
  const { etag, type, bytes, compressed } = asset;
  response.setHeader('etag', etag);
  response.setHeader('vary', 'accept-encoding');
  response.setHeader('cache-control', isLasting ? 'public, max-age=31536000, immutable' : 'no-cache');
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim());
  if (known.includes(etag)) {
    response.writeHead(304).end();
    return;
  }
  const packed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '') ? compressed : null;
  if (packed !== null) response.setHeader('content-encoding', 'gzip');
  const body = packed ?? bytes;
  response.writeHead(200, { 'content-type': type, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function sayMissing(request: IncomingMessage, response: ServerResponse, isPage: boolean): void {
  const text = isPage ? 'This build of stateward has no dashboard.\n' : 'There is no such file.\n';
  response.writeHead(404, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}
