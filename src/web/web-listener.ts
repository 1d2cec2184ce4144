import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { boundConnections } from '../api/server/bound-connections.ts';
import { listenInPlace, listenOnSocket } from '../api/server/listen.ts';
import { Sessions } from '../home/access/sessions.ts';
import { Touches } from '../home/access/touches.ts';
import type { Cancel } from '../lib/clocks/clock.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { keepSocket } from '../lib/sockets/keep-socket.ts';
import { errorMessage } from '../lib/system-error.ts';
import { answer } from './answer.ts';
import { Assets } from './assets/asset.ts';
import type { WebContext } from './context.ts';
import { Attempts } from './guard/attempts.ts';
import { listenFailure } from './listen-failure.ts';
import type { Certificate, Place, WebLimits, WebListener, WebOptions, WebRules } from './model.ts';

const LIMITS: WebLimits = {
  maxConnections: 128,
  maxBodyBytes: 4 * 1024 * 1024,
  // A page that comes back to the logs of all apps names its place in each file.
  maxHeaderBytes: 32 * 1024,
  headersMs: 5_000,
  requestMs: 30_000,
  idleMs: 5_000,
  // Answers that go on say something every 15 seconds.
  silentMs: 60_000,
  maxOpen: 24,
  recheckMs: 15_000,
  failuresEach: 10,
  failuresInAll: 120,
};

/** How long unfinished answers may take to end when the listener closes. */
const CLOSE_GRACE_MS = 500;
/** A proxy of another user is let in by its group. */
const SOCKET_MODE = 0o660;

/**
 * Listens for browsers and scripts, and lets nobody but those with a token ask for anything. Fails with CONFLICT when the
 * address is taken, PERMISSION, or CONFIG_BAD_VALUE for one that is not of this host, or a certificate that is none; it never
 * listens anywhere else instead.
 */
export async function openWeb(options: WebOptions): Promise<Result<WebListener, Failure>> {
  const limits = { ...LIMITS, ...options.limits };
  const made = makeServer(options.certificate, limits);
  if (!made.ok) return made;
  const server = made.value;
  const listening = await listen(server, options.place);
  if (!listening.ok) return listening;
  const { address, port } = listening.value;
  const context = makeContext(options, limits);
  server.on('request', (request, response) => {
    answer(request, response, context.value).catch((error: unknown) => {
      options.log(`web: ${errorMessage(error)}`);
      response.destroy();
    });
  });
  server.on('error', (error: Error) => options.log(`web: ${errorMessage(error)}`));
  const letGo = keep(server, options);
  return ok({
    ...{ address, port },
    renew: (certificate) => {
      if ('setSecureContext' in server) server.setSecureContext(certificate);
    },
    adjust: context.adjust,
    recheck: () => {
      for (const { recheck } of context.value.open.values()) recheck();
    },
    close: () => {
      letGo();
      return close(server, context.value);
    },
  });
}

/** What answers are made with, by rules that can change. */
function makeContext(
  options: WebOptions,
  limits: WebLimits,
): { readonly value: WebContext; readonly adjust: (rules: WebRules) => void } {
  const { clock, tokens, sessions } = options;
  const now = (): number => clock.now();
  const touches = new Touches(now);
  let rules: WebRules = options;
  const value: WebContext = {
    ...options,
    get allowedHosts() {
      return rules.allowedHosts;
    },
    get behindProxy() {
      return rules.behindProxy;
    },
    ...{ limits, touches, open: new Map() },
    sessions: new Sessions({ sessions, tokens, touches, now, limits: () => rules.sessionLimits }),
    assets: new Assets(options.folder),
    attempts: new Attempts(clock, limits.failuresEach, limits.failuresInAll),
  };
  return { value, adjust: (next) => (rules = next) };
}

/** Whoever looks for its socket finds it, also when somebody has removed the file. */
function keep(server: Server | TlsServer, { place, log }: WebOptions): Cancel {
  if (place.kind === 'tcp') return () => undefined;
  const { path } = place;
  const listenAgain = (): Promise<void> => listenInPlace(server, path, SOCKET_MODE);
  return keepSocket({ server, path, listen: listenAgain, log: (line) => log(`web: ${line}`) });
}

function makeServer(certificate: Certificate | null, limits: WebLimits): Result<Server | TlsServer, Failure> {
  const bounds = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.ceil(limits.headersMs / 2),
  };
  let server: Server | TlsServer;
  try {
    server =
      certificate === null
        ? createServer(bounds)
        : createTlsServer({ ...bounds, ...certificate, handshakeTimeout: limits.headersMs });
  } catch (error) {
    return err({
      code: 'CONFIG_BAD_VALUE',
      message: `the certificate of http.tls cannot be used: ${errorMessage(error)}`,
      hint: 'cert and key are PEM files that belong together; the certificate comes before those that it is signed with',
    });
  }
  server.setTimeout(limits.silentMs);
  // Those who say nothing go first; who is still at the handshake is counted by the system's own bound.
  server.maxConnections = 2 * limits.maxConnections;
  boundConnections(server, limits.maxConnections, certificate === null ? 'connection' : 'secureConnection');
  server.on('clientError', (_error, socket) => socket.destroy());
  return ok(server);
}

async function listen(
  server: Server | TlsServer,
  place: Place,
): Promise<Result<Pick<WebListener, 'address' | 'port'>, Failure>> {
  if (place.kind === 'unix') {
    const listening = await listenOnSocket(server, place.path, SOCKET_MODE);
    return listening.ok ? ok({ address: place.path, port: 0 }) : listening;
  }
  const { host, port } = place;
  const shown = host.includes(':') ? `[${host}]` : host;
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(err(listenFailure(error, `${shown}:${port}`))));
    // An address that this host gets later is not taken in advance, and no other one instead.
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      const { port: taken } = server.address() as AddressInfo;
      resolve(ok({ address: `${shown}:${taken}`, port: taken }));
    });
  });
}

function close(server: Server | TlsServer, { open, clock }: WebContext): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(CLOSE_GRACE_MS, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
    for (const answer of open.keys()) answer.abort();
    server.closeIdleConnections();
  });
}
