/**
 * Takes no new work and lets what is under way end, for at most `ms` milliseconds; resolves when nothing is left.
 * Connections that do not speak HTTP, or have gone over to another protocol, are nobody's to judge: they are left alone.
 *
 *   accepting ──asked──▶ draining ──no request, no connection left, or time over──▶ drained
 *                          └── quiet for the window: the connection is closed
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import { Server, Socket } from 'node:net';
import { closeAfter } from './connection-close.ts';
import { DrainingHttp } from './draining-http.ts';
import { DrainingHttp2, isHttp2 } from './draining-http2.ts';
import type { DrainingServer } from './draining-server.ts';
import { httpConnections } from './http-connections.ts';
import { stopAccepting } from './listen-handle.ts';

/** How long a connection without a request may bring one, at most: the answer tells the client to go elsewhere. */
const MAX_WINDOW_MS = 2_000;
const STEP_MS = 10;

export async function drain(ms: number): Promise<void> {
  const begin = performance.now();
  const window = Math.min(MAX_WINDOW_MS, ms / 2);
  const seen = new Set<Server>();
  let open: readonly DrainingServer[] = [];
  const add = (server: Server): void => {
    if (seen.has(server)) return;
    seen.add(server);
    stopAccepting(server);
    open = [...open, ...drainingServers(server, window, performance.now())];
  };
  for (const server of activeServers()) add(server);
  onRequest(({ response, server }) => {
    closeAfter(response);
    // Of one that does not keep the process alive no active handle tells.
    add(server);
  });
  while (performance.now() - begin < ms) {
    open = open.filter((server) => !server.step(performance.now()));
    if (open.length === 0) return;
    await nextStep();
  }
}

/** A server of HTTP/2 may speak HTTP/1 as well. */
function drainingServers(server: Server, window: number, now: number): readonly DrainingServer[] {
  const http2 = isHttp2(server) ? [new DrainingHttp2(server, window, now)] : [];
  return httpConnections(server) === undefined ? http2 : [...http2, new DrainingHttp(server, window, now)];
}

/** Those that listen, and those that do not any more but have connections. */
function activeServers(): readonly Server[] {
  const active: unknown = Reflect.get(process, '_getActiveHandles');
  if (typeof active !== 'function') return [];
  const handles = Reflect.apply(active, process, []) as readonly unknown[];
  const servers = handles.map((handle) => (handle instanceof Socket ? serverOf(handle) : handle));
  return [...new Set(servers.filter((server) => server instanceof Server))];
}

/** Internal. */
function serverOf(socket: Socket): unknown {
  return Reflect.get(socket, 'server');
}

interface RequestStart {
  readonly response: ServerResponse;
  readonly server: HttpServer;
}

function onRequest(listener: (start: RequestStart) => void): void {
  subscribe('http.server.request.start', (message) => listener(message as RequestStart));
}

/** After what has come in meanwhile has been read: a request that is here already is not to meet a closed door. */
function nextStep(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => setImmediate(resolve), STEP_MS).unref();
  });
}
