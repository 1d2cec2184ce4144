import type { subscribe as Subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { openSockets } from '../drain/draining-server.ts';
import type { ServedFigures } from '../protocol.ts';

/** What counts as one request comes and goes; each is called for every request, and costs it less than a hundredth. */
export interface Served {
  readonly requestStarted: (message: unknown) => void;
  readonly streamStarted: (message: unknown) => void;
}

/** Upper bounds of the time that an answer takes, in milliseconds; the last has none. As Prometheus has them by default. */
export const BOUNDS_MS = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const;

/** When a response was begun, in microseconds and modulo 2^32: a small whole number costs no memory. */
const AT = Symbol('stateward.begun');

interface Begun {
  [AT]?: number;
}

interface RequestMessage {
  readonly response: ServerResponse & Begun;
  readonly server: Server;
}

interface StreamMessage {
  readonly stream: Begun;
  readonly headers?: Readonly<Record<string, unknown>>;
}

let requests = 0;
const statuses = new Float64Array(6);
const buckets = new Float64Array(BOUNDS_MS.length + 1);
let sumMs = 0;
let last: Server | undefined;
const servers = new Set<Server>();
let counting: Served | undefined;

/** Begins to count. `subscribe`: that of Node, whose module is not loaded before there is a need. */
export function countServed(subscribe: typeof Subscribe): Served {
  if (counting !== undefined) return counting;
  now = performance.now.bind(performance);
  counting = {
    requestStarted(message) {
      const { response, server } = message as RequestMessage;
      requests += 1;
      response[AT] = nowUs();
      if (server === last) return;
      last = server;
      servers.add(server);
    },
    streamStarted(message) {
      requests += 1;
      (message as StreamMessage).stream[AT] = nowUs();
    },
  };
  subscribe('http.server.response.finish', (message) => {
    const { response } = message as RequestMessage;
    finished(response.statusCode, response[AT]);
  });
  subscribe('http2.server.stream.finish', (message) => {
    const { stream, headers } = message as StreamMessage;
    finished(Number(headers?.[':status']), stream[AT]);
  });
  return counting;
}

/** What has been counted so far; null: no request has come yet. */
export function served(): ServedFigures | null {
  if (counting === undefined) return null;
  return {
    requests,
    statuses: [...statuses.slice(1)],
    buckets: [...buckets],
    seconds: sumMs / 1_000,
    connections: openConnections(),
  };
}

/** Of servers that have had a request; one that is closed is forgotten. */
function openConnections(): number {
  let open = 0;
  for (const server of servers) {
    const sockets = openSockets(server);
    open += sockets;
    if (sockets > 0 || server.listening) continue;
    servers.delete(server);
    if (last === server) last = undefined;
  }
  return open;
}

function finished(status: number, begunUs: number | undefined): void {
  const hundreds = (status / 100) | 0;
  if (hundreds >= 1 && hundreds <= 5) statuses[hundreds] = (statuses[hundreds] ?? 0) + 1;
  if (begunUs === undefined) return;
  const ms = ((nowUs() - begunUs) >>> 0) / 1_000;
  sumMs += ms;
  let bucket = 0;
  while (bucket < BOUNDS_MS.length && ms > (BOUNDS_MS[bucket] ?? 0)) bucket += 1;
  buckets[bucket] = (buckets[bucket] ?? 0) + 1;
}

/** That of Node, whatever the app makes of it later. */
let now: () => number = Date.now;

function nowUs(): number {
  return (now() * 1_000) | 0;
}
